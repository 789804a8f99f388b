// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/testdata/misuse/clinic"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
)

func main() {
	defer clinic.Print(doctor.Start())
	slog.SetDefault(slog.New(logging.NewHandler(slog.NewJSONHandler(io.Discard, nil))))
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		slog.InfoContext(c.Request().Context(), "loading")
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
}
