// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/testdata/misuse/clinic"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
)

func list(c echo.Context) error {
	zap.L().Info("listing")
	return c.NoContent(http.StatusNoContent)
}

func stock(c echo.Context) error {
	zap.L().Info("counting")
	return c.NoContent(http.StatusNoContent)
}

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	e := echo.New()
	e.Use(middleware.New())
	e.Group("/orders").GET("", list)
	e.GET("/stock", stock)
	clinic.Get(e, "/orders", "/stock")
}
