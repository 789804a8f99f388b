// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal/middleware/echov5"
	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// Who called the middleware is found in the stack: that the frames are where they are
// thought to be depends on Echo, and on the compiler's tracebacks.
func TestWhoCalledTheMiddlewareIsFound(t *testing.T) {
	ours := echov5.New()
	var heard []error
	outside := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			err := next(c)
			heard = append(heard, err)
			return err
		}
	}
	first, second := newEcho(), newEcho()
	first.Use(ours)
	second.Use(outside, ours)
	for _, e := range []*echo.Echo{first, second} {
		calls := 0
		e.HTTPErrorHandler = func(c *echo.Context, _ error) {
			calls++
			_ = c.NoContent(http.StatusTeapot)
		}
		e.GET("/", fails(errPlain))
		e.GET("/other", func(*echo.Context) error { return errPlain })
		for _, path := range []string{"/", "/", "/other", "/nowhere"} {
			e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
		}
		if calls != 4 {
			t.Errorf("the error handler ran %d times", calls)
		}
	}
	if len(heard) != 4 || heard[2] != errPlain { //nolint:errorlint // the very one
		t.Errorf("outside heard %v", heard)
	}
}

// The context of these requests does not end: a span that ends has not waited for
// somebody to recover.
func TestAPanicThatNobodyRecoversIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	skipped := echov5.New(nethttp.WithSkipper(func(*http.Request) bool { return true }))
	for name, tt := range map[string]struct {
		register func(e *echo.Echo, ours echo.MiddlewareFunc)
		spans    int
	}{
		"alone":             {func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Use(ours) }, 1},
		"before the router": {func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Pre(ours) }, 1},
		"twice":             {func(e *echo.Echo, ours echo.MiddlewareFunc) { e.Pre(ours); e.Use(ours) }, 1},
		"after one that skips the request": {func(e *echo.Echo, ours echo.MiddlewareFunc) {
			e.Pre(skipped)
			e.Use(skipped, ours)
		}, 1},
		"in a request that a handler has served by itself": {func(e *echo.Echo, ours echo.MiddlewareFunc) {
			e.Use(ours)
			e.GET("/outer", func(c *echo.Context) error {
				inner := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(c.Request().Context())
				e.ServeHTTP(httptest.NewRecorder(), inner)
				return nil
			})
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := newTelemetry(t)
			e := newEcho()
			tt.register(e, tel.middleware())
			e.GET("/", panics("boom"))
			path := "/"
			if tt.spans > 1 {
				path = "/outer"
			}
			if got := serveRecovered(e, path); got != "boom" {
				t.Errorf("panicked with %v", got)
			}
			if got := len(tel.spans.Ended()); got != tt.spans {
				t.Errorf("%d spans have ended, want %d", got, tt.spans)
			}
		})
	}
}

// The inner of two requests has nobody outside, the outer has: the panic passes both.
func TestAPanicOfARequestInARequestIsAnsweredOutside(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	inner, outer := newEcho(), newEcho()
	inner.Use(tel.middleware())
	inner.GET("/", panics("boom"))
	outer.Use(quietRecover(), tel.middleware())
	outer.GET("/", func(c *echo.Context) error {
		inner.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(c.Request().Context()))
		return nil
	})
	w := httptest.NewRecorder()
	outer.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	spans := tel.ended(t, 2)
	if w.Code != 500 || attributes(spans[1].Attributes())["http.response.status_code"] != int64(500) {
		t.Errorf("answered %d, the span has %v", w.Code, attributes(spans[1].Attributes()))
	}
	if status := attributes(spans[0].Attributes())["http.response.status_code"]; status != nil {
		t.Errorf("the inner request was answered %v", status)
	}
}

// serveRecovered returns what a request panics with.
func serveRecovered(h http.Handler, path string) (value any) {
	value = "nothing"
	returned := false
	defer func() {
		if !returned {
			value = recover()
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	returned = true
	return value
}

// A stack that another middleware is on is never taken for Echo's alone, however deep
// a panic has left it.
func TestAPanicIsWaitedForWhereSomebodyMayRecover(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(hears(nil), tel.middleware())
	var deep func(n int) error
	deep = func(n int) error {
		if n == 0 {
			panic("boom")
		}
		return deep(n - 1)
	}
	e.GET("/", func(*echo.Context) error { return deep(500) })
	if got := serveRecovered(e, "/"); got != "boom" {
		t.Errorf("panicked with %v", got)
	}
	if len(tel.spans.Ended()) != 0 {
		t.Error("the span has ended: nobody was waited for")
	}
}

func TestAPanicWithNilGoesOn(t *testing.T) {
	t.Setenv("GODEBUG", "panicnil=1")
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(tel.middleware())
	e.GET("/", func(*echo.Context) error { panic(nil) }) //nolint:govet // that is the point
	if got := serveRecovered(e, "/"); got != nil {
		t.Errorf("left with %v", got)
	}
	tel.ended(t, 1)
}
