// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/testdata/misuse/clinic"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/tracing"
)

func main() {
	defer clinic.Print(doctor.Start())
	otel.SetTracerProvider(tracing.Wrap(clinic.Provider()))
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		_, span := otel.Tracer("shop").Start(context.WithoutCancel(c.Request().Context()), "load")
		span.End()
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
}
