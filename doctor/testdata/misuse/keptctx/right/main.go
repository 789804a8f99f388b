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

type service struct{}

func (s *service) load(ctx context.Context) { zap.L().Info("loading", logging.Ctx(ctx)) }

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	s := new(service)
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		s.load(c.Request().Context())
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/", "/")
}
