// SPDX-License-Identifier: Apache-2.0

// Package database opens the shop's SQL database: SQLite in a file, or Postgres.
package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/XSAM/otelsql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/asynclocal/asynclocal/example/internal/config"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// Open opens the database at databaseURL, or shop.db in dir if that is empty, and
// brings it to the schema that the shop needs.
func Open(ctx context.Context, databaseURL, dir string) (*sql.DB, error) {
	name, dsn, system := "pgx", withTimeout(databaseURL), semconv.DBSystemNamePostgreSQL
	if databaseURL == "" {
		name, dsn, system = "sqlite", sqliteDSN(filepath.Join(dir, "shop.db")), semconv.DBSystemNameSQLite
	}
	var db *sql.DB
	var err error
	// The pool's goroutines live as long as the process.
	store.Exit(func() {
		db, err = otelsql.Open(name, dsn, otelsql.WithAttributes(system),
			otelsql.WithSpanOptions(otelsql.SpanOptions{
				OmitConnResetSession: true, OmitConnectorConnect: true, OmitRows: true, SpanFilter: inTrace,
			}))
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if name == "sqlite" {
		// SQLite allows only one writer at a time. Waiting here is cheaper than in
		// its busy loop.
		db.SetMaxOpenConns(1)
	} else {
		db.SetMaxOpenConns(maxPostgresConns)
	}
	if err := prepare(ctx, db, databaseURL, dir); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// prepare checks that the database is whole, and brings it to the schema.
func prepare(ctx context.Context, db *sql.DB, databaseURL, dir string) error {
	if databaseURL == "" {
		if err := verify(ctx, db, dir); err != nil {
			return fmt.Errorf("-data %s: %w", dir, err)
		}
		if err := migrate(ctx, db, false); err != nil {
			return fmt.Errorf("-data %s: open the database: %w; can this user write there, and is there space?", dir, err)
		}
		return nil
	}
	if err := migrate(ctx, db, true); err != nil {
		return &connectError{config.Masked(databaseURL), err}
	}
	return nil
}

// connectError does not show the driver's text, which may contain the password.
type connectError struct {
	url string
	err error
}

func (e *connectError) Error() string {
	return fmt.Sprintf("DATABASE_URL %s: %s; is Postgres running there, with this user, password and database? leave DATABASE_URL out for SQLite in -data",
		e.url, cause(e.err))
}

func (e *connectError) Unwrap() error { return e.err }

const maxPostgresConns = 16

// inTrace leaves out queries that belong to no request: the schema, health checks,
// and the query that empties the outbox every second.
func inTrace(ctx context.Context, _ otelsql.Method, _ string, _ []driver.NamedValue) bool {
	return trace.SpanContextFromContext(ctx).IsValid() || tracing.Span().SpanContext().IsValid()
}

func sqliteDSN(path string) string {
	return "file:" + path + "?" + url.Values{
		"_pragma": {"journal_mode(WAL)", "busy_timeout(10000)", "foreign_keys(1)", "synchronous(NORMAL)"},
		"_txlock": {"immediate"},
	}.Encode()
}
