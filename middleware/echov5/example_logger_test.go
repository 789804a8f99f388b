// SPDX-License-Identifier: Apache-2.0

package echov5_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/echov5"
	"github.com/asynclocal/asynclocal/store"
)

// Echo's own logger is one of package slog.
func Example_echosLogger() {
	if !store.Ambient() {
		fmt.Println(`{"level":"INFO","msg":"looking it up","request_id":"abc-1"}`)
		return
	}
	handler := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	keys := logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"}))

	e := echo.New()
	e.Logger = slog.New(logging.NewHandler(handler, keys))
	e.Use(echov5.New())

	e.GET("/orders/:id", func(c *echo.Context) error {
		c.Logger().Info("looking it up")
		return c.String(http.StatusOK, c.Param("id"))
	})

	r := httptest.NewRequest(http.MethodGet, "/orders/7", nil)
	r.Header.Set("X-Request-Id", "abc-1")
	e.ServeHTTP(httptest.NewRecorder(), r)
	// Output: {"level":"INFO","msg":"looking it up","request_id":"abc-1"}
}
