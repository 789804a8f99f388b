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

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	freed := make(chan struct{})
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		context.AfterFunc(c.Request().Context(), func() { // vet: contextafter
			zap.L().Info("freed") // lost: context-after
			close(freed)
		})
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
	<-freed
}
