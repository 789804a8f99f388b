// Consumer of .
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
)

func main() {
	core, lines := observer.New(zapcore.InfoLevel)
	logger := zap.New(core, logging.Correlate())
	e := echo.New()
	e.Use(middleware.New(middleware.WithLogger(logger)))
	e.GET("/orders/:id", func(c echo.Context) error {
		logger.Info("looking it up")
		return c.String(http.StatusOK, c.Param("id"))
	})
	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("X-Request-Id", "abc-1")
	e.ServeHTTP(httptest.NewRecorder(), r)
	for _, l := range lines.All() {
		fmt.Println(l.Message, l.ContextMap()["request_id"], l.ContextMap()["route"])
	}
}
