// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/testdata/misuse/clinic"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware"
)

// batch holds what several requests add to it.
type batch struct{ ctx context.Context }

func (b *batch) add() { zap.L().Info("added", logging.Ctx(b.ctx)) } // lost: foreign-ctx

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	var b *batch
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/first", func(c echo.Context) error {
		b = &batch{c.Request().Context()}
		clinic.Get(e, "/second")
		return c.NoContent(http.StatusNoContent)
	})
	e.GET("/second", func(c echo.Context) error {
		b.add()
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/first")
}
