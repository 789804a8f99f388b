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
	"github.com/asynclocal/asynclocal/store"
)

func tenant() *store.Storage[string] {
	return store.New("tenant", "nobody") // lost: storage-per-call // vet: storagenew
}

func main() {
	defer clinic.Print(doctor.Start())
	zap.ReplaceGlobals(zap.New(clinic.Core(), logging.Correlate()))
	e := echo.New()
	e.Use(middleware.New())
	e.GET("/", func(c echo.Context) error {
		tenant().Run("acme", func() { zap.L().Info("for", zap.String("tenant", tenant().Get())) })
		return c.NoContent(http.StatusNoContent)
	})
	clinic.Get(e, "/")
}
