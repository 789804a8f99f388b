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
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

var (
	jobs = make(chan func())
	done = make(chan struct{})
)

func worker() {
	for job := range jobs {
		job()
		done <- struct{}{}
	}
}

func charge() {
	_, span := otel.Tracer("shop").Start(context.Background(), "charge")
	span.End()
}

func main() {
	defer clinic.Print(doctor.Start())
	otel.SetTracerProvider(tracing.Wrap(clinic.Provider()))
	go worker()
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		jobs <- store.Bind(charge)
		<-done
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
}
