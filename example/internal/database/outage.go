// SPDX-License-Identifier: Apache-2.0

package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlitecodes "modernc.org/sqlite/lib"
)

// Unavailable reports whether err says that the database cannot work for now: it is
// off, unreachable, full, or too busy.
func Unavailable(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	var pg *pgconn.PgError
	var lite *sqlite.Error
	switch {
	case errors.As(err, &pg):
		return unavailablePostgres(pg.Code)
	case errors.As(err, &lite):
		return unavailableSQLite(lite.Code())
	case errors.As(err, &connect), errors.As(err, &network),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, context.DeadlineExceeded):
		return true
	}
	// The driver has only a text, and no error value, if a connection breaks in the
	// middle.
	return err != nil && (strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "conn closed"))
}

// unavailablePostgres reports whether code is of one of these classes: connections,
// rollbacks by deadlocks and the like, resources, the operator's intervention, and
// system errors.
func unavailablePostgres(code string) bool {
	for _, class := range []string{"08", "40", "53", "57", "58"} {
		if strings.HasPrefix(code, class) {
			return true
		}
	}
	return code == "25006" // read-only: a standby that takes over
}

func unavailableSQLite(code int) bool {
	switch code & 0xff {
	case sqlitecodes.SQLITE_BUSY, sqlitecodes.SQLITE_LOCKED, sqlitecodes.SQLITE_NOMEM, sqlitecodes.SQLITE_READONLY,
		sqlitecodes.SQLITE_IOERR, sqlitecodes.SQLITE_FULL, sqlitecodes.SQLITE_CANTOPEN, sqlitecodes.SQLITE_CORRUPT:
		return true
	}
	return false
}

// corrupt reports whether err says that the file is not a database, or only part of
// one.
func corrupt(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code()&0xff == sqlitecodes.SQLITE_CORRUPT || lite.Code()&0xff == sqlitecodes.SQLITE_NOTADB)
}

// withTimeout bounds how long a connection may take, unless databaseURL sets a bound.
func withTimeout(databaseURL string) string {
	u, err := url.Parse(databaseURL)
	if err != nil || databaseURL == "" || u.Query().Has("connect_timeout") {
		return databaseURL
	}
	q := u.Query()
	q.Set("connect_timeout", "10")
	u.RawQuery = q.Encode()
	return u.String()
}

// cause returns the innermost reason why there is no connection. It names neither user
// nor password.
func cause(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Message
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Error()
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Error()
	}
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return "it is malformed"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return "no connection"
}
