// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
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
	e.Use(middleware.New())
	e.Use(echomiddleware.Recover())
	e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)

	e.GET("/orders/:id", func(c echo.Context) error {
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
	e.Use(middleware.New())
	e.HTTPErrorHandler = middleware.ErrorHandler(func(err error, c echo.Context) {
		r, _ := store.CurrentFrom(c.Request().Context())
		fmt.Println(r.ID(), err)
		e.DefaultHTTPErrorHandler(err, c)
	})
	e.GET("/", func(echo.Context) error { return echo.ErrNotFound })

	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-Request-Id", "abc-1")
	e.ServeHTTP(httptest.NewRecorder(), r)
	// Output: abc-1 code=404, message=Not Found
}

func ExampleWithPublicEndpoint() {
	partners := map[string]bool{"198.51.100.1": true}

	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	stranger := func(r *http.Request) bool { return !partners[e.IPExtractor(r)] }
	e.Use(middleware.New(
		middleware.WithPublicEndpoint(stranger),
		middleware.WithTrustRequestID(func(r *http.Request) bool { return !stranger(r) }),
	))
	e.GET("/", func(c echo.Context) error {
		r, _ := store.CurrentFrom(c.Request().Context())
		fmt.Println(r.ID() == "abc-1")
		return nil
	})
	for _, from := range []string{"198.51.100.1:4711", "192.0.2.1:4711"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = from
		r.Header.Set("X-Request-Id", "abc-1")
		e.ServeHTTP(httptest.NewRecorder(), r)
	}
	// Output:
	// true
	// false
}
