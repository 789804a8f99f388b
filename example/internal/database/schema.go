// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"database/sql"
	"fmt"
)

// schema is in the SQL that SQLite and Postgres share. Amounts are cents, times
// are milliseconds since 1970.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS items (
		name      TEXT PRIMARY KEY,
		price     BIGINT NOT NULL CHECK (price > 0),
		available BIGINT NOT NULL CHECK (available >= 0)
	)`,
	`CREATE TABLE IF NOT EXISTS orders (
		id       TEXT PRIMARY KEY,
		item     TEXT NOT NULL REFERENCES items (name),
		quantity BIGINT NOT NULL CHECK (quantity > 0),
		total    BIGINT NOT NULL,
		status   TEXT NOT NULL,
		created  BIGINT NOT NULL
	)`,
	`CREATE INDEX IF NOT EXISTS orders_open ON orders (created) WHERE status = 'pending'`,
	`CREATE TABLE IF NOT EXISTS payments (
		order_id TEXT PRIMARY KEY,
		amount   BIGINT NOT NULL,
		status   TEXT NOT NULL
	)`,
	`CREATE TABLE IF NOT EXISTS deliveries (
		id       TEXT PRIMARY KEY,
		item     TEXT NOT NULL,
		quantity BIGINT NOT NULL
	)`,
	`CREATE TABLE IF NOT EXISTS shortages (
		item     TEXT PRIMARY KEY,
		delivery TEXT NOT NULL
	)`,
	`CREATE TABLE IF NOT EXISTS reports (
		id      TEXT PRIMARY KEY,
		done    BIGINT NOT NULL,
		items   BIGINT NOT NULL,
		orders  BIGINT NOT NULL,
		revenue BIGINT NOT NULL
	)`,
	`CREATE TABLE IF NOT EXISTS outbox (
		id      TEXT PRIMARY KEY,
		job     TEXT NOT NULL,
		payload TEXT NOT NULL,
		headers TEXT NOT NULL,
		created BIGINT NOT NULL
	)`,
	`CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)`,
	`INSERT INTO items (name, price, available) VALUES
		('book', 1990, 10000), ('lamp', 4900, 25), ('vase', 25000, 3)
		ON CONFLICT (name) DO NOTHING`,
}

// version is raised with each change of schema.
const version = 2

// current reports whether the schema is there already. Creating an existing table
// changes nothing, but takes locks, which deadlock with the orders of other
// processes.
func current(ctx context.Context, db *sql.DB) bool {
	var n int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM schema_version WHERE version = $1`, version).Scan(&n)
	return err == nil && n == 1 // whatever the error is, migrate meets it again
}

// lock keeps two processes that start together from creating one table twice,
// which Postgres refuses even with IF NOT EXISTS. SQLite allows one writer at a
// time.
const lock = `SELECT pg_advisory_xact_lock(7295364201)`

func migrate(ctx context.Context, db *sql.DB, postgres bool) error {
	if current(ctx, db) {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a Commit it does nothing
	statements := schema
	if postgres {
		statements = append([]string{lock}, schema...)
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("schema: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO schema_version (version) VALUES ($1) ON CONFLICT (version) DO NOTHING`, version); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	return tx.Commit()
}
