// SPDX-License-Identifier: Apache-2.0

package echov4_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware/internal/echov4"
	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// The stack is walked once for each way to call the middleware: that the frames are
// where they are thought to be depends on the compiler's tracebacks.
func TestACallerIsLookedUpOnce(t *testing.T) {
	echov4.Forget()
	ours := echov4.New(echov4.Config{Config: exchange.Defaults("test", "")})
	var heard []error
	outside := func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			err := next(c)
			heard = append(heard, err)
			return err
		}
	}
	first, second := echo.New(), echo.New()
	first.Use(ours)
	second.Use(outside, ours)
	failed := errors.New("failed")
	for n, e := range []*echo.Echo{first, second} {
		calls := 0
		e.HTTPErrorHandler = func(_ error, c echo.Context) {
			calls++
			_ = c.NoContent(http.StatusTeapot)
		}
		e.GET("/", func(echo.Context) error { return failed })
		for range 3 {
			e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		}
		if calls != 3 || echov4.Remembered() != n+1 {
			t.Errorf("the error handler ran %d times; %d callers are remembered, want %d", calls, echov4.Remembered(), n+1)
		}
	}
	if len(heard) != 3 || heard[2] != failed { //nolint:errorlint // the very one
		t.Errorf("outside heard %v", heard)
	}
}
