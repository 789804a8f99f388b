// SPDX-License-Identifier: Apache-2.0

// Package report adds up the sales, in a slow background job that shows its
// progress.
package report

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// Job is the name of the job.
const Job = "report"

// Data is what the job needs to know.
type Data struct {
	Report string `json:"report"`
}

// Report is a report, which may be unfinished.
type Report struct {
	ID      string `json:"id"`
	Done    int    `json:"done"`
	Items   int    `json:"items"` // 0 until it has begun
	Orders  int64  `json:"orders"`
	Revenue int64  `json:"revenue_cents"`
}

// ErrNotFound means that no such report was requested.
var ErrNotFound = errors.New("no such report")

// Start notes in tx that a report is requested, and returns the id and the payload
// of the job.
func Start(ctx context.Context, tx *sql.Tx) (r Report, payload []byte, err error) {
	r.ID = rand.Text()
	_, err = tx.ExecContext(ctx, `INSERT INTO reports (id, done, items, orders, revenue) VALUES ($1, 0, 0, 0, 0)`, r.ID)
	if err != nil {
		return r, nil, fmt.Errorf("start report: %w", err)
	}
	payload, err = json.Marshal(Data{r.ID})
	return r, payload, err
}

// Find returns the report with the id.
func Find(ctx context.Context, db *sql.DB, id string) (r Report, err error) {
	err = db.QueryRowContext(ctx, `SELECT id, done, items, orders, revenue FROM reports WHERE id = $1`, id).
		Scan(&r.ID, &r.Done, &r.Items, &r.Orders, &r.Revenue)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNotFound
	}
	return r, err
}

// Write writes the report item by item; each takes as long as pace. If it is
// called again after a crash, it begins anew.
func Write(ctx context.Context, db *sql.DB, id string, pace time.Duration) error {
	items, err := itemNames(ctx, db)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	r := Report{ID: id, Items: len(items)}
	for _, item := range items {
		var orders, revenue int64
		err := db.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(total), 0) FROM orders
			WHERE item = $1 AND status = 'paid'`, item).Scan(&orders, &revenue)
		if err != nil {
			return fmt.Errorf("report: %w", err)
		}
		zap.L().Debug("item added up", zap.String("item", item), zap.Int64("orders", orders))
		r.Done, r.Orders, r.Revenue = r.Done+1, r.Orders+orders, r.Revenue+revenue
		if err := save(ctx, db, r); err != nil {
			return fmt.Errorf("report: %w", err)
		}
		zap.L().Info("report progresses", zap.String("report", id), zap.Int("done", r.Done), zap.Int("items", r.Items))
		select {
		case <-time.After(pace):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	zap.L().Info("report written", zap.String("report", id), zap.Int64("revenue_cents", r.Revenue))
	return nil
}

func itemNames(ctx context.Context, db *sql.DB) (names []string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT name FROM items ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func save(ctx context.Context, db *sql.DB, r Report) error {
	_, err := db.ExecContext(ctx, `UPDATE reports SET done = $1, items = $2, orders = $3, revenue = $4 WHERE id = $5`,
		r.Done, r.Items, r.Orders, r.Revenue, r.ID)
	return err
}
