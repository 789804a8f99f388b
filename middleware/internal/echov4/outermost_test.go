// SPDX-License-Identifier: Apache-2.0

package echov4_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/middleware/internal/echov4"
	"github.com/asynclocal/asynclocal/store"
)

// Who called the middleware is found in the stack: that the frames are where they are
// thought to be depends on Echo, and on the compiler's tracebacks.
func TestWhoCalledTheMiddlewareIsFound(t *testing.T) {
	scope := adapter.Scope{Name: "test"}
	ours := echov4.New(scope)
	skips := echov4.New(scope, adapter.WithSkipper(func(*http.Request) bool { return true }))
	failed := errors.New("failed")
	hears := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			err := next(c)
			if err != failed && !errors.Is(err, echo.ErrNotFound) { //nolint:errorlint // the very one
				t.Errorf("outside heard %v", err)
			}
			return err
		}
	}
	for _, tt := range []struct {
		name     string
		register func(*echo.Echo)
		inside   bool // the error is answered in the request
	}{
		{"alone", func(e *echo.Echo) { e.Use(ours) }, true},
		{"before the router", func(e *echo.Echo) { e.Pre(ours) }, true},
		{"with a middleware outside", func(e *echo.Echo) { e.Use(hears, ours) }, false},
		{"with a middleware before the router", func(e *echo.Echo) { e.Pre(hears); e.Use(ours) }, false},
		{"with ones of ours outside that skip it", func(e *echo.Echo) { e.Pre(skips); e.Use(skips, ours) }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, calls := echo.New(), 0
			tt.register(e)
			e.HTTPErrorHandler = func(_ error, c echo.Context) {
				calls++
				if _, inside := store.Current(); inside != (tt.inside && store.Ambient()) {
					t.Errorf("the error is answered in the request: %v", inside)
				}
				_ = c.NoContent(http.StatusTeapot)
			}
			e.GET("/", func(echo.Context) error { return failed })
			e.GET("/other", func(echo.Context) error { return failed })
			for _, path := range []string{"/", "/", "/other", "/nowhere"} {
				e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
			}
			if calls != 4 {
				t.Errorf("the error handler ran %d times", calls)
			}
		})
	}
}
