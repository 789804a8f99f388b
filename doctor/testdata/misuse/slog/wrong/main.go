// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/testdata/misuse/clinic"
	"github.com/asynclocal/asynclocal/middleware"
)

func main() {
	defer clinic.Print(doctor.Start()) // lost: logger-not-correlated
	slog.SetDefault(slog.New(slog.NewJSONHandler(io.Discard, nil)))
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		slog.Info("loading")
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
}
