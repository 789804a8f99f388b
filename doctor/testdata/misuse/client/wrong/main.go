// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/testdata/misuse/clinic"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/tracing"
)

func call(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req) // lost: client-not-injecting
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func main() {
	defer clinic.Print(doctor.Start(doctor.WithDefaultTransport()))
	otel.SetTracerProvider(tracing.Wrap(clinic.Provider()))
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	client := &http.Client{Timeout: time.Second} // vet: httpclient
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error { return call(c.Request().Context(), client, other.URL) })
	clinic.Get(e, "/")
}
