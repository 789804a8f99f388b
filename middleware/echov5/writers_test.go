// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"

	"github.com/asynclocal/asynclocal/internal/servertest"
)

// writers are outcomes with a writer around Echo's: in v5 middleware puts it there,
// and Gzip keeps a status in it until the handler has returned.
var writers = []servertest.Outcome{
	{Name: "Gzip outside, which keeps the status", Outside: around(echomiddleware.Gzip()), Handler: empty(http.StatusAccepted), Expect: servertest.Ends(202, 0)},
	{Name: "Gzip outside, which keeps all of it", Outside: around(gzipFrom(1000)), Handler: servertest.Text(http.StatusConflict), Expect: servertest.Ends(409, 0)},
	{
		Name: "Gzip outside, and an error after the status that it keeps", Outside: around(echomiddleware.Gzip()),
		Handler: func(c servertest.Context) error {
			c.Writer().WriteHeader(http.StatusAccepted)
			return servertest.ErrPlain
		},
		Expect: servertest.Breaks(202, servertest.Plain, 1),
	},
	{
		Name: "Gzip outside, and an error", Outside: around(echomiddleware.Gzip()),
		Handler: servertest.Fails(servertest.ErrPlain), Answer: badGateway, Expect: servertest.Ends(502, 1),
	},
	{
		Name: "Gzip outside of a middleware that answers", Outside: around(echomiddleware.Gzip(), bodilessly(http.StatusGone)),
		Handler: servertest.Fails(servertest.ErrPlain), Expect: servertest.Ends(410, 0),
	},
	{
		Name: "Gzip inside", Inside: around(echomiddleware.Gzip()),
		Handler: func(c servertest.Context) error { return c.String(http.StatusOK, strings.Repeat("long ", 1000)) }, Expect: servertest.Ends(200, 0),
	},
	{
		Name: "Gzip inside, and an error", Inside: around(echomiddleware.Gzip()),
		Handler: servertest.Fails(servertest.ErrPlain), Answer: badGateway, Expect: servertest.Ends(502, 1),
	},
	{Name: "BodyDump outside, and an error", Outside: around(dump()), Handler: servertest.Fails(echo.ErrForbidden), Expect: servertest.Ends(403, 1)},
	{Name: "a writer outside that hides Echo's", Outside: around(hides), Handler: empty(http.StatusAccepted), Expect: servertest.Ends(202, 0)},
	{
		Name: "a writer outside that hides Echo's, and an error", Outside: around(hides),
		Handler: servertest.Fails(servertest.ErrPlain), Answer: teapot, Expect: servertest.Ends(418, 1),
	},
	{
		Name: "a writer inside that hides Echo's, and an error", Inside: around(hides),
		Handler: servertest.Fails(servertest.ErrPlain), Answer: teapot, Expect: servertest.Ends(418, 1),
	},
	{
		Name: "Gzip outside of a net/http middleware", Outside: around(echomiddleware.Gzip(), echo.WrapMiddleware(passes)),
		Handler: servertest.Fails(servertest.ErrPlain), Answer: teapot, Expect: servertest.Ends(418, 1),
	},
	{
		Name:    "a value that is no JSON",
		Handler: func(c servertest.Context) error { return c.(neutral).JSON(http.StatusOK, func() {}) }, Expect: servertest.Ends(500, 1),
	},
	{
		Name: "a path that is not there, in a group", Path: "/g/nowhere", Route: "/g/*",
		Register: func(s servertest.Server, ours servertest.Middleware) {
			s.Group("/g", ours).Handle(http.MethodGet, "/x", servertest.Fails(nil))
		},
		Expect: servertest.Ends(404, 1),
	},
	{
		Name: "a panic that a Recover inside without stacks answers", Inside: around(quietRecover()),
		Handler: servertest.Panics(servertest.ErrPlain), Expect: servertest.Ends(500, 1),
	},
	{
		Name: "a panic that a Recover outside without stacks answers", Outside: around(quietRecover()),
		Handler: servertest.Panics(servertest.ErrPlain), Expect: servertest.Breaks(500, servertest.Plain, 1),
	},
}

func around(all ...echo.MiddlewareFunc) (m []servertest.Middleware) {
	for _, one := range all {
		m = append(m, one)
	}
	return m
}

func empty(status int) servertest.Handler {
	return func(c servertest.Context) error { return c.NoContent(status) }
}

func badGateway(c servertest.Context, _ error) { _ = c.NoContent(http.StatusBadGateway) }

func teapot(c servertest.Context, _ error) { _ = c.String(http.StatusTeapot, "teapot") }

func quietRecover() echo.MiddlewareFunc {
	return echomiddleware.RecoverWithConfig(echomiddleware.RecoverConfig{DisablePrintStack: true})
}

func gzipFrom(bytes int) echo.MiddlewareFunc {
	return echomiddleware.GzipWithConfig(echomiddleware.GzipConfig{MinLength: bytes})
}

func bodilessly(status int) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			if err := next(c); err != nil {
				return c.NoContent(status)
			}
			return nil
		}
	}
}

func dump() echo.MiddlewareFunc {
	return echomiddleware.BodyDump(func(*echo.Context, []byte, []byte, error) {})
}

// hiding is a writer that cannot be unwrapped.
type hiding struct{ w http.ResponseWriter }

func (h hiding) Header() http.Header         { return h.w.Header() }
func (h hiding) Write(p []byte) (int, error) { return h.w.Write(p) }
func (h hiding) WriteHeader(status int)      { h.w.WriteHeader(status) }

// hides leaves its writer in place, as WrapMiddleware does.
func hides(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		c.SetResponse(hiding{c.Response()})
		return next(c)
	}
}

func passesOn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error { return next(c) }
}
