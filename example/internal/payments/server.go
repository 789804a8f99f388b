// SPDX-License-Identifier: Apache-2.0

package payments

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"
)

// The states of a payment. The first state that is requested stays.
const (
	Paid      = "paid"
	Cancelled = "cancelled"
)

// limit is how much a customer may pay at once, in cents.
const limit = 50_000

// Register adds the service's routes to e.
func Register(e *echo.Echo, db *sql.DB) {
	s := &service{db}
	e.PUT("/payments/:order", s.put)
	e.GET("/healthz", s.health)
}

type service struct{ db *sql.DB }

func (s *service) put(c echo.Context) error {
	var p Payment
	if err := c.Bind(&p); err != nil {
		return err
	}
	p.Order = c.Param("order")
	if p.Status != Paid && p.Status != Cancelled || p.Status == Paid && p.Amount <= 0 {
		return echo.NewHTTPError(http.StatusUnprocessableEntity, "no such payment")
	}
	if p.Amount > limit {
		zap.L().Warn("over the limit", zap.String("order", p.Order), zap.Int64("amount_cents", p.Amount))
		return echo.NewHTTPError(http.StatusPaymentRequired, "over the limit")
	}
	have, err := s.settle(c.Request().Context(), p)
	if err != nil {
		return err
	}
	zap.L().Info("payment settled", zap.String("order", have.Order), zap.String("status", have.Status))
	return c.JSON(http.StatusOK, have)
}

// settle stores p unless the order has a payment already, and returns the
// stored payment.
func (s *service) settle(ctx context.Context, p Payment) (have Payment, err error) {
	have.Order = p.Order
	_, err = s.db.ExecContext(ctx, `INSERT INTO payments (order_id, amount, status) VALUES ($1, $2, $3)
		ON CONFLICT (order_id) DO NOTHING`, p.Order, p.Amount, p.Status)
	if err == nil {
		err = s.db.QueryRowContext(ctx, `SELECT amount, status FROM payments WHERE order_id = $1`, p.Order).
			Scan(&have.Amount, &have.Status)
	}
	if err != nil {
		return have, fmt.Errorf("settle payment: %w", err)
	}
	return have, nil
}

func (s *service) health(c echo.Context) error {
	if err := s.db.PingContext(c.Request().Context()); err != nil {
		return echo.NewHTTPError(http.StatusServiceUnavailable, "no database").SetInternal(err)
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}
