// SPDX-License-Identifier: Apache-2.0

// Package stock keeps the goods that are for sale.
package stock

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"go.uber.org/zap"
)

// Errors of Reserve.
var (
	ErrUnknownItem  = errors.New("unknown item")
	ErrNotAvailable = errors.New("not enough in stock")
)

const (
	// Low is the quantity below which an item is restocked.
	Low = 10
	// Limited is an item that is not restocked.
	Limited = "vase"
)

// Reserve takes quantity of item out of the stock, in tx, and returns the price of
// one item.
func Reserve(ctx context.Context, tx *sql.Tx, item string, quantity int64) (price int64, err error) {
	var left int64
	zap.L().Debug("reserving stock", zap.String("item", item), zap.Int64("quantity", quantity))
	err = tx.QueryRowContext(ctx, `UPDATE items SET available = available - $1
		WHERE name = $2 AND available >= $1 RETURNING price, available`, quantity, item).Scan(&price, &left)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, refusal(ctx, tx, item)
	}
	if err != nil {
		return 0, fmt.Errorf("reserve %s: %w", item, err)
	}
	zap.L().Info("stock reserved", zap.String("item", item), zap.Int64("quantity", quantity), zap.Int64("left", left))
	return price, nil
}

func refusal(ctx context.Context, tx *sql.Tx, item string) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM items WHERE name = $1`, item).Scan(&n); err != nil {
		return fmt.Errorf("look up %s: %w", item, err)
	}
	if n == 0 {
		return ErrUnknownItem
	}
	return ErrNotAvailable
}

// Release puts quantity of item back, in tx.
func Release(ctx context.Context, tx *sql.Tx, item string, quantity int64) error {
	if _, err := tx.ExecContext(ctx, `UPDATE items SET available = available + $1 WHERE name = $2`, quantity, item); err != nil {
		return fmt.Errorf("release %s: %w", item, err)
	}
	zap.L().Info("stock released", zap.String("item", item), zap.Int64("quantity", quantity))
	return nil
}
