// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"

	"github.com/asynclocal/asynclocal/middleware/echov5"
)

// writers are outcomes with a writer around Echo's: in v5 middleware puts it there,
// and Gzip keeps a status in it until the handler has returned.
var writers = []outcome{{
	name: "Gzip outside, which keeps the status", register: inside(echomiddleware.Gzip()),
	handler: func(c *echo.Context) error { return c.NoContent(http.StatusAccepted) },
	client:  202, status: 202, level: "info",
}, {
	name: "Gzip outside, which keeps all of it", register: inside(gzipFrom(1000)),
	handler: func(c *echo.Context) error { return c.String(http.StatusConflict, "short") },
	client:  409, status: 409, level: "warn",
}, {
	name: "Gzip outside, and an error after the status that it keeps", register: inside(echomiddleware.Gzip()),
	handler: func(c *echo.Context) error {
		c.Response().WriteHeader(http.StatusAccepted)
		return errPlain
	},
	client: 202, status: 202, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name: "Gzip outside, and an error", register: inside(echomiddleware.Gzip()),
	handler: fails(errPlain), answer: badGateway,
	client: 502, status: 502, errorType: "502", level: "error", calls: 1,
}, {
	name: "Gzip outside of a middleware that answers", register: inside(echomiddleware.Gzip(), bodilessly(http.StatusGone)),
	handler: fails(errPlain),
	client:  410, status: 410, level: "warn",
}, {
	name: "Gzip inside", register: around(echomiddleware.Gzip()),
	handler: func(c *echo.Context) error { return c.String(http.StatusOK, strings.Repeat("long ", 1000)) },
	client:  200, status: 200, level: "info",
}, {
	name: "Gzip inside, and an error", register: around(echomiddleware.Gzip()),
	handler: fails(errPlain), answer: badGateway,
	client: 502, status: 502, errorType: "502", level: "error", calls: 1,
}, {
	name: "BodyDump outside, and an error", register: inside(dump()),
	handler: fails(echo.ErrForbidden),
	client:  403, status: 403, level: "warn", calls: 1,
}, {
	name: "a writer outside that hides Echo's", register: inside(hides),
	handler: func(c *echo.Context) error { return c.NoContent(http.StatusAccepted) },
	client:  202, status: 202, level: "info",
}, {
	name: "a writer outside that hides Echo's, and an error", register: inside(hides),
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name: "a writer inside that hides Echo's, and an error", register: around(hides),
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name: "Gzip outside of a net/http middleware", register: inside(echomiddleware.Gzip(), echo.WrapMiddleware(passes)),
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name:    "a value that is no JSON",
	handler: func(c *echo.Context) error { return c.JSON(http.StatusOK, func() {}) },
	client:  500, status: 500, errorType: "500", level: "error", calls: 1,
}, {
	name: "a request log outside that has the error answered", register: inside(requestLog()),
	handler: fails(echo.ErrForbidden),
	client:  403, status: 403, level: "warn", calls: 2,
}, {
	name: "a body over the limit of BodyLimit", register: around(echomiddleware.BodyLimit(10)),
	method: http.MethodPost, body: strings.Repeat("x", 100), handler: fails(nil),
	client: 413, status: 413, level: "warn", calls: 1,
}, {
	name: "a path that is not there, in a group", path: "/g/nowhere",
	register: func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Group("/g", ours).GET("/x", fails(nil)) },
	handler:  fails(nil),
	client:   404, status: 404, route: "/g/*", level: "warn", calls: 1,
}}

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

func requestLog() echo.MiddlewareFunc {
	return echomiddleware.RequestLoggerWithConfig(echomiddleware.RequestLoggerConfig{
		HandleError:   true,
		LogValuesFunc: func(*echo.Context, echomiddleware.RequestLoggerValues) error { return nil },
	})
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

func TestHandlersFindTheResponseOfEcho(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/", func(c *echo.Context) error {
		response, ok := c.Response().(*echo.Response)
		if !ok {
			t.Fatalf("the response is a %T", c.Response())
		}
		_ = c.NoContent(http.StatusAccepted)
		if !response.Committed || response.Status != http.StatusAccepted {
			t.Errorf("the response is committed: %v, with %d", response.Committed, response.Status)
		}
		return nil
	})
	s := serve(t, e)
	get(t, s.Client(), s.URL)
}

// A writer that is left in place is what an error is answered through.
func TestAWriterThatAMiddlewareInsideLeavesStays(t *testing.T) {
	t.Parallel()
	for name, outside := range map[string]echo.MiddlewareFunc{"around Echo's": hears(errPlain), "around another": hides} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			left := hiding{}
			e := newEcho()
			e.Use(outside, func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c *echo.Context) error {
					err := next(c)
					if response, ok := c.Response().(*echo.Response); !ok || response.ResponseWriter != left {
						t.Errorf("the response is a %T", c.Response())
					}
					return err
				}
			}, tel.middleware(), func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c *echo.Context) error {
					left.w = c.Response()
					c.SetResponse(left)
					return next(c)
				}
			})
			e.GET("/", fails(errPlain))
			w := httptest.NewRecorder()
			e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
			if all := attributes(tel.ended(t, 1)[0].Attributes()); w.Code != 500 || all["http.response.status_code"] != int64(500) {
				t.Errorf("answered %d; the span has %v", w.Code, all)
			}
		})
	}
}

// Echo answers HEAD with what the handler of GET would, if it is told to, through a
// writer that is around the whole of a route.
func TestAHeadThatAHandlerOfGetAnswers(t *testing.T) {
	t.Parallel()
	for name, register := range map[string]func(e *echo.Echo, ours echo.MiddlewareFunc, h echo.HandlerFunc){
		"outside of the route": func(e *echo.Echo, ours echo.MiddlewareFunc, h echo.HandlerFunc) { e.Use(ours); e.GET("/x", h) },
		"on the route":         func(e *echo.Echo, ours echo.MiddlewareFunc, h echo.HandlerFunc) { e.GET("/x", h, ours) },
	} {
		for status, handler := range map[int]echo.HandlerFunc{
			http.StatusAccepted: func(c *echo.Context) error { return c.String(http.StatusAccepted, "body") },
			http.StatusConflict: fails(echo.NewHTTPError(http.StatusConflict, "no")),
		} {
			t.Run(name+", "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				tel := newTelemetry(t)
				var calls atomic.Int32
				answer := echo.DefaultHTTPErrorHandler(false)
				e := echo.NewWithConfig(echo.Config{
					Router: echo.NewRouter(echo.RouterConfig{AutoHandleHEAD: true}),
					HTTPErrorHandler: func(c *echo.Context, err error) {
						calls.Add(1)
						answer(c, err)
					},
				})
				register(e, tel.middleware(echov5.WithBodySizes()), handler)
				s := serve(t, e)
				resp, err := s.Client().Head(s.URL + "/x")
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				all := attributes(tel.ended(t, 1)[0].Attributes())
				if resp.StatusCode != status || all["http.response.status_code"] != int64(status) || all["http.response.body.size"] != int64(0) {
					t.Errorf("answered %d; the span has %v", resp.StatusCode, all)
				}
				if failed := status == http.StatusConflict; calls.Load() != 1 && failed || calls.Load() != 0 && !failed {
					t.Errorf("the error handler ran %d times", calls.Load())
				}
			})
		}
	}
}

func TestARouteOfAnotherEcho(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	ours := tel.middleware()
	inner := newEcho()
	inner.Use(ours)
	inner.GET("/shop/:id", fails(echo.ErrForbidden))
	for name, build := range map[string]func() http.Handler{
		"a virtual host": func() http.Handler { return echo.NewVirtualHostHandler(map[string]*echo.Echo{"shop": inner}) },
		"mounted": func() http.Handler {
			outer := newEcho()
			outer.Use(ours)
			outer.Any("/shop/*", echo.WrapHandler(inner))
			return outer
		},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://shop/shop/7", nil)
		w := httptest.NewRecorder()
		build().ServeHTTP(w, r)
		spans := tel.spans.Ended()
		if span := spans[len(spans)-1]; w.Code != http.StatusForbidden || !strings.HasPrefix(span.Name(), "GET /shop/") {
			t.Errorf("%s: answered %d, the span is %q", name, w.Code, span.Name())
		}
	}
	tel.ended(t, 2)
}

// What a handler's unit test does: no Echo, no server.
func TestTheMiddlewareWithoutAnEcho(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	ctx := echo.NewContext(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{}`)), httptest.NewRecorder())
	err := tel.middleware()(func(c *echo.Context) error {
		var body struct{}
		if err := json.NewDecoder(c.Request().Body).Decode(&body); err != nil {
			return err
		}
		return io.ErrClosedPipe
	})(ctx)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	if err := ctx.NoContent(http.StatusNoContent); err != nil {
		t.Fatal(err)
	}
	tel.ended(t, 1)
}
