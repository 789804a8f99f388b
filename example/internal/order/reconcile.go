// SPDX-License-Identifier: Apache-2.0

package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// Reconcile finishes the orders that a process has left pending, because it died or could
// not reach the payments service. It runs periodically until ctx is done.
func (s *Shop) Reconcile(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			// Each round is a separate request, so that its lines belong together.
			r := store.NewRequest("")
			r.SetName("reconcile orders")
			r.Run(ctx, func(ctx context.Context) {
				if err := s.reconcile(ctx); err != nil {
					zap.L().Error("reconcile", zap.Error(err))
				}
			})
		}
	}
}

func (s *Shop) reconcile(ctx context.Context) error {
	// By then no work on it is in progress.
	open, err := s.abandoned(ctx, time.Now().Add(-2*s.finish))
	if err != nil || len(open) == 0 {
		return err
	}
	// A span around all of this makes it one request with one root in a trace viewer.
	return tracing.Do("reconcile orders", func() error {
		var errs []error
		for _, o := range open {
			if err := s.settle(ctx, o); err != nil {
				errs = append(errs, fmt.Errorf("order %s: %w", o.ID, err))
			}
		}
		return errors.Join(errs...)
	})
}

func (s *Shop) settle(ctx context.Context, o Order) error {
	paid, err := s.payments.Cancel(ctx, o.ID)
	switch {
	case err != nil:
	case paid:
		err = s.complete(ctx, &o)
	default:
		err = s.cancel(ctx, o)
	}
	if err != nil {
		return err
	}
	zap.L().Warn("abandoned order finished", zap.String("order", o.ID), zap.Bool("paid", paid))
	return nil
}

func (s *Shop) abandoned(ctx context.Context, before time.Time) (open []Order, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, item, quantity, total, status FROM orders
		WHERE status = $1 AND created < $2 ORDER BY created LIMIT 100`, Pending, before.UnixMilli())
	if err != nil {
		return nil, fmt.Errorf("find abandoned orders: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var o Order
		if err := rows.Scan(&o.ID, &o.Item, &o.Quantity, &o.Total, &o.Status); err != nil {
			return nil, fmt.Errorf("find abandoned orders: %w", err)
		}
		open = append(open, o)
	}
	return open, rows.Err()
}
