// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/testdata/misuse/clinic"
	"github.com/asynclocal/asynclocal/middleware"
)

func main() {
	defer clinic.Print(doctor.Start()) // lost: logger-not-correlated
	zap.ReplaceGlobals(zap.New(clinic.Core()))
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		zap.L().Info("loading")
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
}
