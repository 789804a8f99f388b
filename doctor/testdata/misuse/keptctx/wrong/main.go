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

type service struct{ ctx context.Context }

func (s *service) load() { zap.L().Info("loading", logging.Ctx(s.ctx)) } // lost: ended-ctx

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	var s *service
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		if s == nil {
			s = &service{c.Request().Context()}
		}
		s.load()
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/", "/")
}
