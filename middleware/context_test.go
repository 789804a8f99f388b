// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware"
)

// customContext is an application's own Context, which its handlers want back.
type customContext struct{ echo.Context }

func customizes(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error { return next(&customContext{c}) }
}

// A handler gets the Context that it would get without the middleware: an application's
// own as it is.
func TestTheContextIsTheApplications(t *testing.T) {
	t.Parallel()
	e := newEcho()
	e.Use(customizes, ours(servertest.NewTelemetry()))
	e.GET("/", func(c echo.Context) error {
		if _, ok := c.(*customContext); !ok {
			t.Errorf("the Context is a %T", c)
		}
		return c.NoContent(http.StatusNoContent)
	})
	if got := servertest.Get(t, servertest.Serve(t, e), "/"); got.Status != http.StatusNoContent {
		t.Errorf("answered %+v", got)
	}
}

// An application's own Context hides neither panics nor errors.
func TestAPanicIsToldInAnApplicationsContext(t *testing.T) {
	t.Parallel()
	const untold = "a panic that was recovered inside of the middleware"
	for name, tt := range map[string]struct {
		outside, inside []echo.MiddlewareFunc
		wrapped         bool // the error handler is
		said, kind      string
	}{
		"inside":                            {nil, []echo.MiddlewareFunc{customizes, echomiddleware.Recover()}, true, "plain", servertest.Plain},
		"outside":                           {[]echo.MiddlewareFunc{customizes}, nil, false, "plain", servertest.Plain},
		"outside, and Recover inside":       {[]echo.MiddlewareFunc{customizes}, []echo.MiddlewareFunc{echomiddleware.Recover()}, true, "plain", servertest.Plain},
		"outside, and no way to the answer": {[]echo.MiddlewareFunc{customizes}, []echo.MiddlewareFunc{echomiddleware.Recover()}, false, untold, "panic"},
		"nowhere, and no way to the answer": {nil, []echo.MiddlewareFunc{echomiddleware.Recover()}, false, untold, "panic"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := servertest.NewTelemetry()
			e := newEcho()
			if tt.wrapped {
				e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)
			}
			e.Use(append(append(tt.outside, ours(tel)), tt.inside...)...)
			e.GET("/", handler(servertest.Panics(servertest.ErrPlain)))
			servertest.Get(t, servertest.Serve(t, e), "/")
			servertest.CheckPanic(t, tel, tt.said, tt.kind, "servertest/handler.go")
		})
	}
}

// A router takes no Context but Echo's own, and that is what a handler must get. It finds
// the errors of those that an application's Context is outside of, too.
func TestAnErrorIsToldOnceInAnApplicationsContext(t *testing.T) {
	t.Parallel()
	answer := func(then error) echo.HandlerFunc {
		return func(c echo.Context) error { c.Error(servertest.ErrPlain); return then }
	}
	for name, tt := range map[string]struct {
		inside  []echo.MiddlewareFunc
		handler echo.HandlerFunc
		told    bool
	}{
		"returned":              {nil, handler(servertest.Fails(servertest.ErrPlain)), true},
		"answered and returned": {nil, answer(servertest.ErrPlain), true},
		"answered":              {nil, answer(nil), false},
		"Logger inside":         {[]echo.MiddlewareFunc{logs()}, handler(servertest.Fails(servertest.ErrPlain)), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := servertest.NewTelemetry()
			e := newEcho()
			e.Use(append([]echo.MiddlewareFunc{customizes, ours(tel)}, tt.inside...)...)
			e.GET("/", tt.handler)
			servertest.Get(t, servertest.Serve(t, e), "/")
			if line := tel.Completion(t, 1)[0]; (line["error"] == "plain") != tt.told || line["status"] != 500.0 {
				t.Errorf("told %v is not so: the completion line is %v", tt.told, line)
			}
		})
	}
}
