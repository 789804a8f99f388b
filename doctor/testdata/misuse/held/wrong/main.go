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

var events = make(chan struct{})

func listen() {
	for range events {
	}
}

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	e := echo.New()
	e.Use(middleware.New(middleware.WithLinger(0)))
	e.GET("/", func(c echo.Context) error {
		go listen() // lost: held-after-end
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
}
