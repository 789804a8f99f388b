// SPDX-License-Identifier: Apache-2.0

// Package restock orders new goods when few are left, in a background job.
package restock

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/example/internal/stock"
)

// Job is the name of the job.
const Job = "restock"

// Data is what the job needs to know.
type Data struct {
	Item     string `json:"item"`
	Quantity int64  `json:"quantity"`
	Delivery string `json:"delivery"` // identifies the delivery
}

// batch is how many items are ordered at once.
const batch = 1000

// ErrInvalid means that no goods can be ordered from the data.
var ErrInvalid = errors.New("invalid restock data")

// For returns, in tx, the id and the payload of the job that order makes necessary, or
// false if none is needed. None is needed if there is enough of item, or if another
// order has already noted the shortage and ordered the goods.
func For(ctx context.Context, tx *sql.Tx, order, item string) (id string, payload []byte, needed bool, err error) {
	if item == stock.Limited {
		return "", nil, false, nil
	}
	id = "restock-" + order
	res, err := tx.ExecContext(ctx, `INSERT INTO shortages (item, delivery)
		SELECT name, $1 FROM items WHERE name = $2 AND available < $3
		ON CONFLICT (item) DO NOTHING`, id, item, stock.Low)
	if err != nil {
		return "", nil, false, fmt.Errorf("note a shortage of %s: %w", item, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return "", nil, false, err
	}
	payload, err = json.Marshal(Data{item, batch, id})
	return id, payload, err == nil, err
}

// Receive books a delivery. Booking it twice adds it once.
func Receive(ctx context.Context, db *sql.DB, d Data) error {
	if d.Item == "" || d.Delivery == "" || d.Quantity < 1 {
		return fmt.Errorf("%w: %+v", ErrInvalid, d)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("restock: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a Commit it does nothing
	res, err := tx.ExecContext(ctx, `INSERT INTO deliveries (id, item, quantity) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO NOTHING`, d.Delivery, d.Item, d.Quantity)
	if err != nil {
		return fmt.Errorf("restock: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		zap.L().Info("delivery is booked already", zap.String("delivery", d.Delivery))
		return err
	}
	if err := stock.Release(ctx, tx, d.Item, d.Quantity); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM shortages WHERE item = $1 AND delivery = $2`, d.Item, d.Delivery); err != nil {
		return fmt.Errorf("restock: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("restock: %w", err)
	}
	zap.L().Info("restocked", zap.String("item", d.Item), zap.Int64("quantity", d.Quantity))
	return nil
}
