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
	events = make(chan string)
	start  = sync.OnceFunc(func() { go listen() }) // lost: held-after-end // vet: lazygo
)

func listen() {
	for e := range events {
		zap.L().Info("heard", zap.String("event", e))
	}
}

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	e := echo.New()
	e.Use(middleware.New(middleware.WithLinger(0)))
	e.GET("/", func(c echo.Context) error {
		start()
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
}
