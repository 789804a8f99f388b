// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"runtime/pprof"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/testdata/misuse/clinic"
	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/store"
)

var tenant = store.New("tenant", "none")

func main() {
	defer clinic.Print(doctor.Start())
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		pprof.SetGoroutineLabels(pprof.WithLabels(c.Request().Context(), pprof.Labels("step", "load")))
		return c.String(http.StatusOK, tenant.Get())
	})
	clinic.Get(e, "/")
}
