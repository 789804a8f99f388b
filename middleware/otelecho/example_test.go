// SPDX-License-Identifier: Apache-2.0

package otelecho_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware/otelecho"
)

func Example() {
	e := echo.New()
	e.Use(otelecho.Middleware("shop.example.com",
		otelecho.WithSkipper(func(c echo.Context) bool {
			return c.Path() == "/healthz"
		})))
	e.GET("/orders/:id", func(c echo.Context) error {
		span := trace.SpanFromContext(c.Request().Context())
		span.AddEvent("looking it up")
		return c.NoContent(http.StatusNoContent)
	})

	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/orders/7", nil))
	fmt.Println(w.Code)
	// Output: 204
}
