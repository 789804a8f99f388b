// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
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
	defer clinic.Print(doctor.Start()) // lost: labels-replaced
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("step", "load"))) // vet: proflabels
		return c.String(http.StatusOK, tenant.Get())
	})
	clinic.Get(e, "/")
}
