// SPDX-License-Identifier: Apache-2.0

package order

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/audit"
	"github.com/asynclocal/asynclocal/example/internal/outbox"
	"github.com/asynclocal/asynclocal/example/internal/payments"
	"github.com/asynclocal/asynclocal/example/internal/receipt"
	"github.com/asynclocal/asynclocal/example/internal/restock"
	"github.com/asynclocal/asynclocal/example/internal/stock"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// Shop places orders. It is safe for concurrent use.
type Shop struct {
	db       *sql.DB
	payments *payments.Client
	outbox   *outbox.Outbox
	trail    *audit.Trail
	finish   time.Duration
	end      context.Context
	sending  sync.WaitGroup
}

// NewShop returns a Shop. finish is how long an order may take once stock is reserved
// for it. An order also stops when end is done.
func NewShop(end context.Context, db *sql.DB, p *payments.Client, o *outbox.Outbox, t *audit.Trail, finish time.Duration) *Shop {
	return &Shop{db: db, payments: p, outbox: o, trail: t, finish: finish, end: end}
}

// inTime returns a ctx with ctx's values for work that must not depend on the
// customer's patience. The work still has a time limit.
func (s *Shop) inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(store.Detach(ctx), s.finish)
	stop := context.AfterFunc(s.end, cancel)
	return ctx, func() { stop(); cancel() }
}

// Wait returns when the background work of all orders is done.
func (s *Shop) Wait() { s.sending.Wait() }

// Place orders quantity of item. It either returns a paid order, whose receipt
// will be sent, or an error, and then nothing is reserved and nothing is paid. If
// the process dies in between, Reconcile finishes.
func (s *Shop) Place(ctx context.Context, item string, quantity int64) (Order, error) {
	if quantity < 1 || quantity > maxQuantity {
		return Order{}, ErrQuantity
	}
	o := Order{ID: rand.Text(), Item: item, Quantity: quantity, Status: Pending}
	logging.Add(zap.String("order", o.ID))
	if err := s.reserveInTime(ctx, &o); err != nil {
		return Order{}, err
	}
	// From here on a customer who hangs up must not leave half an order.
	ctx, cancel := s.inTime(ctx)
	defer cancel()
	if err := s.payments.Charge(ctx, o.ID, o.Total); err != nil {
		return Order{}, s.giveUp(ctx, o, err)
	}
	if err := s.complete(ctx, &o); err != nil {
		return Order{}, err
	}
	zap.L().Info("order placed", zap.String("item", o.Item), zap.Int64("total_cents", o.Total))
	return o, nil
}

// reserveInTime does not wait longer for a database than a customer would.
func (s *Shop) reserveInTime(ctx context.Context, o *Order) error {
	ctx, cancel := context.WithTimeout(ctx, s.finish)
	defer cancel()
	return s.reserve(ctx, o)
}

func (s *Shop) reserve(ctx context.Context, o *Order) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		price, err := stock.Reserve(ctx, tx, o.Item, o.Quantity)
		if err != nil {
			return err
		}
		o.Total = price * o.Quantity
		_, err = tx.ExecContext(ctx, `INSERT INTO orders (id, item, quantity, total, status, created)
			VALUES ($1, $2, $3, $4, $5, $6)`, o.ID, o.Item, o.Quantity, o.Total, Pending, time.Now().UnixMilli())
		if err != nil {
			return fmt.Errorf("store order: %w", err)
		}
		return nil
	})
}

// complete marks o as paid and enqueues its receipt, both or neither.
func (s *Shop) complete(ctx context.Context, o *Order) error {
	payload, err := json.Marshal(receipt.Data{Order: o.ID, Item: o.Item, Quantity: o.Quantity, Total: o.Total})
	if err != nil {
		return fmt.Errorf("encode receipt: %w", err)
	}
	var entries []outbox.Entry
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		done, err := setStatus(ctx, tx, o.ID, Paid)
		if err != nil || !done {
			return err
		}
		entries, err = s.enqueue(ctx, tx, o, payload)
		return err
	})
	if err != nil {
		return err
	}
	o.Status = Paid
	s.sendLater(entries)
	s.trail.Record("order paid", o.ID)
	return nil
}

// sendLater sends committed jobs to the queue in the background, so that no customer
// waits for it. It is work for the request, however long the broker takes, so store.Go
// keeps the request's context for it.
func (s *Shop) sendLater(entries []outbox.Entry) {
	s.sending.Add(1)
	store.Go(func() {
		defer s.sending.Done()
		ctx, cancel := s.inTime(store.Context())
		defer cancel()
		s.outbox.Send(ctx, entries...)
	})
}

// enqueue adds the jobs that follow from o to tx.
func (s *Shop) enqueue(ctx context.Context, tx *sql.Tx, o *Order, payload []byte) ([]outbox.Entry, error) {
	entry, err := s.outbox.Add(ctx, tx, "receipt-"+o.ID, receipt.Job, payload)
	if err != nil {
		return nil, err
	}
	entries := []outbox.Entry{entry}
	id, payload, needed, err := restock.For(ctx, tx, o.ID, o.Item)
	if err != nil {
		return nil, err
	}
	if needed {
		if entry, err = s.outbox.Add(ctx, tx, id, restock.Job, payload); err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// giveUp undoes an order that was not paid for, and returns why. If it is not known
// whether it was paid for, the payments service decides.
func (s *Shop) giveUp(ctx context.Context, o Order, why error) error {
	if !errors.Is(why, payments.ErrDeclined) {
		paid, err := s.payments.Cancel(ctx, o.ID)
		if err != nil {
			// Reconcile will know more.
			return fmt.Errorf("%w; and to cancel it: %w", why, err)
		}
		if paid {
			return s.complete(ctx, &o)
		}
	}
	if err := s.cancel(ctx, o); err != nil {
		return errors.Join(why, err)
	}
	s.trail.Record("order cancelled", o.ID)
	return why
}

// cancel gives back what was reserved for o.
func (s *Shop) cancel(ctx context.Context, o Order) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		done, err := setStatus(ctx, tx, o.ID, Cancelled)
		if err != nil || !done {
			return err
		}
		return stock.Release(ctx, tx, o.Item, o.Quantity)
	})
}

// setStatus ends a pending order, and reports whether it was pending. A second caller
// has nothing to do.
func setStatus(ctx context.Context, tx *sql.Tx, id, status string) (done bool, err error) {
	res, err := tx.ExecContext(ctx, `UPDATE orders SET status = $1 WHERE id = $2 AND status = $3`, status, id, Pending)
	if err != nil {
		return false, fmt.Errorf("set status: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
