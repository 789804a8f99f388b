// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/echov5"
	"github.com/asynclocal/asynclocal/store"
)

// newLogger writes lines that are the same each time: without the time, and without
// the ids of a span.
func newLogger() *zap.Logger {
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg"})
	keys := logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"}))
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(os.Stdout), zapcore.InfoLevel), logging.Correlate(keys))
}

func Example() {
	if !store.Ambient() {
		fmt.Println(`{"msg":"looking it up","request_id":"abc-1"}`)
		return
	}
	logger := newLogger()

	e := echo.New()
	e.Use(echov5.New(
		echov5.WithServerName("shop.example.com"),
		echov5.WithSkipper(func(c *echo.Context) bool { return c.Path() == "/healthz" }),
	))
	e.Use(echomiddleware.Recover())

	e.GET("/orders/:id", func(c *echo.Context) error {
		logger.Info("looking it up") // no ctx, no logger of the request's
		return c.String(http.StatusOK, c.Param("id"))
	})

	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("X-Request-Id", "abc-1")
	e.ServeHTTP(httptest.NewRecorder(), r)
	// Output: {"msg":"looking it up","request_id":"abc-1"}
}

func ExampleErrorHandler() {
	e := echo.New()
	e.Use(echomiddleware.Gzip()) // outside: Echo answers errors when the request's scope is left
	e.Use(echov5.New())
	answer := echo.DefaultHTTPErrorHandler(false)
	e.HTTPErrorHandler = echov5.ErrorHandler(func(c *echo.Context, err error) {
		r, _ := store.CurrentFrom(c.Request().Context())
		fmt.Println(r.ID(), err)
		answer(c, err)
	})
	e.GET("/", func(*echo.Context) error { return echo.ErrNotFound })

	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-Request-Id", "abc-1")
	e.ServeHTTP(httptest.NewRecorder(), r)
	// Output: abc-1 Not Found
}
