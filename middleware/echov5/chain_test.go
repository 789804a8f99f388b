// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal/internal/servertest"
	"github.com/asynclocal/asynclocal/middleware/echov5"
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
		e.GET("/", handler(servertest.Fails(servertest.ErrPlain)))
		e.GET("/other", func(*echo.Context) error { return servertest.ErrPlain })
		for _, path := range []string{"/", "/", "/other", "/nowhere"} {
			e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
		}
		if calls != 4 {
			t.Errorf("the error handler ran %d times", calls)
		}
	}
	if len(heard) != 4 || heard[2] != servertest.ErrPlain { //nolint:errorlint // the very one
		t.Errorf("outside heard %v", heard)
	}
}
