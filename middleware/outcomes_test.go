// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
)

var outcomes = []outcome{{
	name:    "an answer",
	handler: func(c echo.Context) error { return c.String(http.StatusCreated, "made") },
	client:  201, status: 201, level: "info",
}, {
	name:    "a handler that writes nothing",
	handler: fails(nil),
	client:  200, status: 200, level: "info",
}, {
	name:    "no content",
	handler: func(c echo.Context) error { return c.NoContent(http.StatusNoContent) },
	client:  204, status: 204, level: "info",
}, {
	name: "a body that net/http does not send",
	handler: func(c echo.Context) error {
		_ = c.NoContent(http.StatusNoContent)
		_, err := io.WriteString(c.Response(), "body")
		return err
	},
	client: 204, status: 204, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name:    "a redirect",
	handler: func(c echo.Context) error { return c.Redirect(http.StatusSeeOther, "/y") },
	client:  303, status: 303, level: "info",
}, {
	name: "early hints before the answer",
	handler: func(c echo.Context) error {
		c.Response().Writer.WriteHeader(http.StatusEarlyHints)
		return c.String(http.StatusOK, "fine")
	},
	client: 200, status: 200, level: "info",
}, {
	name:    "an answer of 500 without an error",
	handler: func(c echo.Context) error { return c.NoContent(http.StatusInternalServerError) },
	client:  500, status: 500, errorType: "500", level: "error",
}, {
	name:    "a client's mistake",
	handler: fails(echo.NewHTTPError(http.StatusConflict, "no")),
	client:  409, status: 409, level: "warn", calls: 1,
}, {
	name:    "an error",
	handler: fails(errPlain),
	client:  500, status: 500, errorType: "500", level: "error", calls: 1,
}, {
	name:    "an error with an internal cause",
	handler: fails(echo.ErrServiceUnavailable.WithInternal(errPlain)),
	client:  503, status: 503, errorType: "503", level: "error", calls: 1,
}, {
	name:    "an error that wraps an answer, which Echo does not unwrap",
	handler: fails(fmt.Errorf("wrapped: %w", echo.ErrNotFound)),
	client:  500, status: 500, errorType: "500", level: "error", calls: 1,
}, {
	name:    "an error handler of one's own",
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name:    "an error handler that writes nothing",
	handler: fails(errPlain), answer: func(error, echo.Context) {},
	client: 200, status: 200, level: "info", calls: 1,
}, {
	name:    "an error on HEAD",
	handler: fails(echo.ErrForbidden), method: http.MethodHead,
	client: 403, status: 403, level: "warn", calls: 1,
}, {
	name:    "an error after the answer",
	handler: thenFails,
	client:  200, status: 200, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name: "an error after the answer, and a middleware outside", register: inside(hears(errPlain)),
	handler: thenFails,
	client:  200, status: 200, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name: "an error, and a middleware outside", register: inside(hears(errPlain)),
	handler: fails(errPlain),
	client:  500, status: 500, errorType: "500", level: "error", calls: 1,
}, {
	name: "an error handler of one's own, and a middleware outside", register: inside(hears(errPlain)),
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name: "an error handler without a body, and a middleware outside", register: inside(hears(errPlain)),
	handler: fails(errPlain), answer: badGateway,
	client: 502, status: 502, errorType: "502", level: "error", calls: 1,
}, {
	name: "an error, and a middleware outside, before the router", register: preInside(hears(errPlain)),
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name: "a middleware outside that answers the error", register: inside(answers(http.StatusGone)),
	handler: fails(errPlain),
	client:  410, status: 410, level: "warn",
}, {
	name: "a middleware outside that keeps the error to itself", register: inside(swallows),
	handler: fails(errPlain),
	client:  200, status: 200, level: "info",
}, {
	name: "a middleware outside that puts another writer in", register: inside(echomiddleware.Gzip()),
	handler: fails(echo.ErrUnauthorized),
	client:  401, status: 401, level: "warn", calls: 1,
}, {
	name: "a middleware outside, on HEAD", register: inside(hears(echo.ErrForbidden)),
	handler: fails(echo.ErrForbidden), method: http.MethodHead,
	client: 403, status: 403, level: "warn", calls: 1,
}, {
	name: "a net/http middleware outside", register: inside(echo.WrapMiddleware(passes)),
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name: "a net/http middleware inside", register: around(echo.WrapMiddleware(passes)),
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name:    "a panic that nobody recovers",
	handler: panics(errPlain),
	client:  0, errorType: "*errors.errorString", level: "error",
}, {
	name:    "a panic with a value that is no error",
	handler: panics("boom"),
	client:  0, errorType: "string", level: "error",
}, {
	name: "a panic, and a middleware outside that does not recover it", register: inside(hears(nil)),
	handler: panics("boom"),
	client:  0, errorType: "string", level: "error",
}, {
	name: "a panic that Recover inside answers", register: around(quietRecover()),
	handler: panics(errPlain),
	client:  500, status: 500, errorType: "*errors.errorString", level: "error", told: true, calls: 1,
}, {
	name: "a panic that Recover inside answers, and no way to it", register: around(quietRecover()),
	handler: panics(errPlain),
	client:  500, status: 500, errorType: "500", level: "error", calls: 1,
}, {
	name: "an error that the logger inside has answered, and no way to it", register: around(logs()),
	handler: fails(errPlain), unseen: true,
	client: 500, status: 500, errorType: "500", level: "error", calls: 1,
}, {
	name: "a panic that Recover inside answers with an error handler of one's own", register: around(echomiddleware.Recover()),
	handler: panics(errPlain), answer: teapot,
	client: 418, status: 418, errorType: "*errors.errorString", level: "error", told: true, calls: 1,
}, {
	name: "an error that the logger inside has answered", register: around(logs()),
	handler: fails(errPlain),
	client:  500, status: 500, errorType: "500", level: "error", told: true, calls: 1,
}, {
	name: "a client's mistake that the logger inside has answered", register: around(logs()),
	handler: fails(echo.ErrNotFound),
	client:  404, status: 404, level: "warn", told: true, calls: 1,
}, {
	name: "an error that the request logger inside has answered, and returns", register: around(requestLogs()),
	handler: fails(echo.ErrNotFound),
	client:  404, status: 404, level: "warn", calls: 2,
}, {
	name: "an error that the handler has answered by c.Error", answer: teapot,
	handler: func(c echo.Context) error {
		c.Error(errPlain)
		return nil
	},
	client: 418, status: 418, level: "warn", told: true, calls: 1,
}, {
	name: "an error that the handler has answered by c.Error, and a middleware outside", register: inside(hears(nil)), answer: teapot,
	handler: func(c echo.Context) error {
		c.Error(errPlain)
		return nil
	},
	client: 418, status: 418, level: "warn", told: true, calls: 1,
}, {
	name: "an error by c.Error after the answer",
	handler: func(c echo.Context) error {
		_ = c.String(http.StatusOK, "fine")
		c.Error(errPlain)
		return nil
	},
	client: 200, status: 200, errorType: "*errors.errorString", level: "error", told: true, calls: 1,
}, {
	name: "a panic that Recover inside answers, of which the logger inside hears", register: around(logs(), echomiddleware.Recover()),
	handler: panics(errPlain),
	client:  500, status: 500, errorType: "*errors.errorString", level: "error", told: true, calls: 1,
}, {
	name: "a panic that Recover outside answers", register: inside(quietRecover()),
	handler: panics(errPlain),
	client:  500, status: 500, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name: "a panic that Recover outside answers with an error handler of one's own", register: inside(quietRecover()),
	handler: panics(errPlain), answer: teapot,
	client: 418, status: 418, errorType: "*errors.errorString", level: "error", calls: 1,
}, {
	name: "a panic after the answer, with Recover outside", register: inside(quietRecover()),
	handler: func(c echo.Context) error {
		_ = c.String(http.StatusAccepted, "fine")
		panic("boom")
	},
	client: 202, status: 202, errorType: "string", level: "error", calls: 1,
}, {
	name:    "a panic that gives the response up",
	handler: panics(http.ErrAbortHandler),
	client:  0, errorType: "net/http.ErrAbortHandler", level: "error",
}, {
	name: "a panic that gives the response up, which Recover passes on", register: inside(quietRecover()),
	handler: panics(http.ErrAbortHandler),
	client:  0, errorType: "net/http.ErrAbortHandler", level: "error",
}, {
	name: "a handler that ends its goroutine",
	handler: func(echo.Context) error {
		runtime.Goexit()
		return nil
	},
	client: 0, errorType: "*errors.errorString", level: "error", http1: true,
}, {
	name: "a timeout inside", register: around(echomiddleware.ContextTimeout(5 * time.Millisecond)),
	handler: wait,
	client:  503, status: 503, errorType: "503", level: "error", calls: 1,
}, {
	name: "a timeout outside", register: inside(echomiddleware.ContextTimeout(5 * time.Millisecond)),
	handler: wait,
	client:  503, status: 503, errorType: "503", level: "error", calls: 1,
}, {
	name: "a path that is not there", path: "/nowhere", route: "none", handler: fails(nil),
	client: 404, status: 404, level: "warn", calls: 1,
}, {
	name: "a method that is not there", method: http.MethodDelete, handler: fails(nil),
	client: 405, status: 405, level: "warn", calls: 1,
}, {
	name: "a static file", path: "/static/a.txt", register: static, handler: fails(nil),
	client: 200, status: 200, route: "/static*", level: "info",
}, {
	name: "a static file that is not there", path: "/static/b.txt", register: static, handler: fails(nil),
	client: 404, status: 404, route: "/static*", level: "warn", calls: 1,
}, {
	name: "a body over the limit", method: http.MethodPost, body: strings.Repeat("x", 100),
	handler: func(c echo.Context) error {
		_, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, 10))
		return err
	},
	client: 413, status: 413, level: "warn", calls: 1,
}, {
	name: "a body over the limit, bound", method: http.MethodPost, body: `{"a":"` + strings.Repeat("x", 100) + `"}`,
	handler: func(c echo.Context) error {
		c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, 10)
		return c.Bind(&struct{ A string }{})
	},
	client: 413, status: 413, level: "warn", calls: 1,
}, {
	name: "registered on a group",
	register: func(e *echo.Echo, ours echo.MiddlewareFunc) {
		e.Group("/g", ours).GET("/x", fails(errPlain))
	},
	path: "/g/x", handler: fails(nil), answer: teapot,
	client: 418, status: 418, route: "/g/x", level: "warn", calls: 1,
}, {
	name: "registered on a route",
	register: func(e *echo.Echo, ours echo.MiddlewareFunc) {
		e.GET("/r", fails(errPlain), ours)
	},
	path: "/r", handler: fails(nil),
	client: 500, status: 500, errorType: "500", route: "/r", level: "error", calls: 1,
}, {
	name:     "registered before the router",
	register: func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Pre(ours) },
	handler:  fails(errPlain),
	client:   500, status: 500, errorType: "500", level: "error", calls: 1,
}, {
	name: "registered before the router, and inside again",
	register: func(e *echo.Echo, ours echo.MiddlewareFunc) {
		e.Pre(ours)
		e.Use(ours, ours)
	},
	handler: fails(errPlain), answer: teapot,
	client: 418, status: 418, level: "warn", calls: 1,
}, {
	name: "a stream that breaks",
	handler: func(c echo.Context) error {
		_, _ = io.WriteString(c.Response(), "one")
		c.Response().Flush()
		return errPlain
	},
	client: 200, status: 200, errorType: "*errors.errorString", level: "error", calls: 1,
}}

func static(e *echo.Echo, ours echo.MiddlewareFunc) {
	e.Use(ours)
	e.StaticFS("/static", fstest.MapFS{"a.txt": {Data: []byte("a")}})
}

func passes(next http.Handler) http.Handler { return next }

// preInside is inside, before the router.
func preInside(outer ...echo.MiddlewareFunc) func(*echo.Echo, echo.MiddlewareFunc) {
	return func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Pre(append(outer, ours)...) }
}

// logs is Echo's logger of requests, which answers errors itself.
func logs() echo.MiddlewareFunc {
	return echomiddleware.LoggerWithConfig(echomiddleware.LoggerConfig{Output: io.Discard}) //nolint:staticcheck // it is what is used
}

// requestLogs answers errors, too, and passes them on.
func requestLogs() echo.MiddlewareFunc {
	return echomiddleware.RequestLoggerWithConfig(echomiddleware.RequestLoggerConfig{
		HandleError:   true,
		LogValuesFunc: func(echo.Context, echomiddleware.RequestLoggerValues) error { return nil },
	})
}
