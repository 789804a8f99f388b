// SPDX-License-Identifier: Apache-2.0

// Package order sells: it reserves stock, takes the payment, and has a receipt
// sent.
package order

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/asynclocal/asynclocal/example/internal/outbox"
	"github.com/asynclocal/asynclocal/example/internal/report"
)

// Order is an order of a customer.
type Order struct {
	ID       string `json:"id"`
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Total    int64  `json:"total_cents"`
	Status   string `json:"status"`
}

// The states of an order. An order that could not be paid for is canceled.
const (
	Pending   = "pending"
	Paid      = "paid"
	Cancelled = "cancelled"
)

// Errors of Place and Find, besides those of packages stock and payments.
var (
	ErrQuantity = errors.New("quantity must be from 1 to 1000")
	ErrNotFound = errors.New("no such order")
)

const maxQuantity = 1000

// Find returns the order with the id.
func (s *Shop) Find(ctx context.Context, id string) (o Order, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT id, item, quantity, total, status FROM orders WHERE id = $1`, id).
		Scan(&o.ID, &o.Item, &o.Quantity, &o.Total, &o.Status)
	if errors.Is(err, sql.ErrNoRows) {
		return Order{}, ErrNotFound
	}
	if err != nil {
		return Order{}, fmt.Errorf("find order: %w", err)
	}
	return o, nil
}

// Report requests a report, and returns it as it is now: empty.
func (s *Shop) Report(ctx context.Context) (r report.Report, err error) {
	var entry outbox.Entry
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		var payload []byte
		if r, payload, err = report.Start(ctx, tx); err != nil {
			return err
		}
		entry, err = s.outbox.Add(ctx, tx, "report-"+r.ID, report.Job, payload)
		return err
	})
	if err == nil {
		s.outbox.Send(ctx, entry)
	}
	return r, err
}

// inTx runs f in a transaction, which is committed if f returns nil.
func (s *Shop) inTx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a Commit it does nothing
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
