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

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	go worker()
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		jobs <- func() { // vet: funcchan
			zap.L().Info("mailed") // lost: orphan-line
		}
		<-done
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
}
