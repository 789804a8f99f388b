// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/testdata/misuse/clinic"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
)

var (
	once    sync.Once
	refresh = make(chan chan struct{})
)

func refresher() {
	for done := range refresh {
		zap.L().Info("refreshed") // lost: read-after-end
		close(done)
	}
}

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	e := echo.New()
	e.Use(middleware.New(middleware.WithLinger(0)))
	e.GET("/", func(c echo.Context) error {
		once.Do(func() { go refresher() }) // vet: outlive
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
	done := make(chan struct{})
	refresh <- done
	<-done
}
