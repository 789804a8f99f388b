// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v4"
	echomiddleware "github.com/labstack/echo/v4/middleware"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/store"
)

// Echo's own logger writes to a correlated one, and Recover tells that of panics.
func Example_echosLogger() {
	if !store.Ambient() {
		fmt.Print(`{"msg":"no such order","request_id":"abc-1"}
{"msg":"recovered","request_id":"abc-1","error":"boom"}
`)
		return
	}
	logger := newLogger()

	e := echo.New()
	e.Logger = middleware.Logger(logger)
	e.Use(middleware.New())
	e.Use(echomiddleware.RecoverWithConfig(echomiddleware.RecoverConfig{
		LogErrorFunc: func(_ echo.Context, err error, _ []byte) error {
			logger.Error("recovered", zap.Error(err))
			return err
		},
	}))
	e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)

	e.GET("/orders/:id", func(c echo.Context) error {
		c.Logger().Error("no such order")
		panic("boom")
	})

	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("X-Request-Id", "abc-1")
	e.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// {"msg":"no such order","request_id":"abc-1"}
	// {"msg":"recovered","request_id":"abc-1","error":"boom"}
}
