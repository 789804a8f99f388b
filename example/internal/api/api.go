// SPDX-License-Identifier: Apache-2.0

// Package api is the shop's HTTP interface.
package api

import (
	"database/sql"
	"net/http"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/order"
	"github.com/asynclocal/asynclocal/example/internal/report"
)

// Register adds the API's routes to e. queue reports whether jobs can be enqueued.
func Register(e *echo.Echo, shop *order.Shop, db *sql.DB, queue func() error) {
	a := &api{shop, db, queue}
	e.GET("/", index)
	e.POST("/orders", a.place)
	e.GET("/orders/:id", a.find)
	e.POST("/reports", a.report)
	e.GET("/reports/:id", a.findReport)
	e.GET("/healthz", a.health)
}

type api struct {
	shop  *order.Shop
	db    *sql.DB
	queue func() error
}

type placement struct {
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
}

const maxBody = 64 << 10

func (a *api) place(c echo.Context) error {
	var p placement
	if err := decode(c, &p); err != nil {
		return err
	}
	zap.L().Info("order received", zap.String("item", p.Item), zap.Int64("quantity", p.Quantity))
	o, err := a.shop.Place(c.Request().Context(), p.Item, p.Quantity)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, "/orders/"+o.ID)
	return c.JSON(http.StatusCreated, o)
}

func (a *api) find(c echo.Context) error {
	o, err := a.shop.Find(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, o)
}

func (a *api) report(c echo.Context) error {
	r, err := a.shop.Report(c.Request().Context())
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, "/reports/"+r.ID)
	return c.JSON(http.StatusAccepted, r)
}

func (a *api) findReport(c echo.Context) error {
	r, err := report.Find(c.Request().Context(), a.db, c.Param("id"))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, r)
}

func (a *api) health(c echo.Context) error {
	if err := a.db.PingContext(c.Request().Context()); err != nil {
		return echo.NewHTTPError(http.StatusServiceUnavailable, "no database").SetInternal(err)
	}
	// Orders are accepted all the same, and their jobs wait in the outbox. But the
	// outage must be visible.
	if err := a.queue(); err != nil {
		zap.L().Warn("not healthy", zap.Error(err))
		return echo.NewHTTPError(http.StatusServiceUnavailable, "no broker").SetInternal(err)
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}
