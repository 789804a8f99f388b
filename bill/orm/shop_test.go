// SPDX-License-Identifier: Apache-2.0

package orm_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/XSAM/otelsql"
	"github.com/jmoiron/sqlx"
	gormsqlite "github.com/libtnb/sqlite"
	"github.com/uptrace/opentelemetry-go-extra/otelgorm"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	_ "modernc.org/sqlite"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// Author has Books: the model of every tutorial, and of its mistake.
type Author struct {
	ID    int
	Name  string
	Books []Book
}

// Book is one of an Author's.
type Book struct {
	ID       int
	AuthorID int `db:"author_id"`
	Title    string
}

const authors = 12

var samplers = map[string]sdktrace.Sampler{"sampled": sdktrace.AlwaysSample(), "unsampled": sdktrace.NeverSample()}

func provider(s sdktrace.Sampler) trace.TracerProvider {
	return tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSampler(s)), tracing.WithBill())
}

// open returns a database with authors, whose driver is instrumented.
func open(t *testing.T, tp trace.TracerProvider) *sql.DB {
	t.Helper()
	db, err := otelsql.Open("sqlite", "file:"+strings.ReplaceAll(t.Name(), "/", "-")+"?mode=memory&cache=shared", otelsql.WithTracerProvider(tp))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	for _, s := range []string{
		`CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT)`,
		`CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER, title TEXT)`,
	} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	for i := range authors {
		if _, err := db.Exec(fmt.Sprintf(`INSERT INTO authors VALUES (%d, 'author %d'); INSERT INTO books VALUES (%d, %d, 'a book')`, i+1, i, i+1, i+1)); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// request returns the bill of one in which f runs; the ctx of f is not used.
func request(t *testing.T, f func() error) (sum bill.Sum) {
	t.Helper()
	store.NewRequest("").Run(context.Background(), func(context.Context) {
		if err := f(); err != nil {
			t.Error(err)
		}
		sum = bill.Read()
	})
	return sum
}

// check holds the number of statements against the truth, and the repetition against what is wanted.
func check(t *testing.T, sum bill.Sum, statements, repeated int, of string) {
	t.Helper()
	if sum.Statements != statements || sum.Calls != 0 || sum.Messages != 0 {
		t.Errorf("%d statements, %d calls and %d messages, want %d statements", sum.Statements, sum.Calls, sum.Messages, statements)
	}
	if sum.StatementTime <= 0 || sum.WaitTime > sum.StatementTime {
		t.Errorf("%v of statements, %v waited", sum.StatementTime, sum.WaitTime)
	}
	switch {
	case repeated == 0 && len(sum.Repeated) == 0:
	case len(sum.Repeated) != 1 || sum.Repeated[0].Count != repeated || !strings.Contains(sum.Repeated[0].Shape, of):
		t.Errorf("repeated: %+v, want %d times %q", sum.Repeated, repeated, of)
	}
}

func TestGormLoopsAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                 string
		do                   func(db *gorm.DB) error
		statements, repeated int
		of                   string
	}{
		{"a query for each row is a repetition", func(db *gorm.DB) error {
			var all []Author
			if err := db.Find(&all).Error; err != nil {
				return err
			}
			for i := range all {
				if err := db.Where("author_id = ?", all[i].ID).Find(&all[i].Books).Error; err != nil {
					return err
				}
			}
			return nil
		}, authors + 1, authors, "SELECT * FROM `books` WHERE author_id = ?"},
		{"Preload is none", func(db *gorm.DB) error {
			var all []Author
			return db.Preload("Books").Find(&all).Error
		}, 2, 0, ""},
		{"a batch is none", func(db *gorm.DB) error {
			books := make([]Book, 60)
			for i := range books {
				books[i] = Book{ID: 100 + i, AuthorID: 1, Title: fmt.Sprint("it's ", i)}
			}
			return db.Session(&gorm.Session{SkipDefaultTransaction: true}).CreateInBatches(&books, 10).Error
		}, 6, 0, ""},
		{"a loop over distinct statements is none", func(db *gorm.DB) error {
			for _, column := range []string{"id", "author_id", "title", "id + 1", "-id", "title || 'x'", "lower(title)", "upper(title)"} {
				var n int
				if err := db.Raw("SELECT count(" + column + ") FROM books").Scan(&n).Error; err != nil {
					return err
				}
			}
			return nil
		}, 8, 0, ""},
	}
	for _, tt := range tests {
		for sampled, sampler := range samplers {
			for _, mapped := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, with spans of gorm %v", tt.name, sampled, mapped), func(t *testing.T) {
					t.Parallel()
					tp := provider(sampler)
					db, err := gorm.Open(gormsqlite.Dialector{Conn: open(t, tp)}, &gorm.Config{Logger: logger.Discard})
					if err != nil {
						t.Fatal(err)
					}
					if mapped {
						if err := db.Use(otelgorm.NewPlugin(otelgorm.WithTracerProvider(tp), otelgorm.WithoutMetrics())); err != nil {
							t.Fatal(err)
						}
					}
					check(t, request(t, func() error { return tt.do(db) }), tt.statements, tt.repeated, tt.of)
				})
			}
		}
	}
}

func TestSqlxLoopsAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                 string
		do                   func(db *sqlx.DB) error
		statements, repeated int
		of                   string
	}{
		{"a query for each row is a repetition", func(db *sqlx.DB) error {
			var all []Author
			if err := db.Select(&all, "SELECT id, name FROM authors"); err != nil {
				return err
			}
			for i := range all {
				if err := db.Select(&all[i].Books, "SELECT * FROM books WHERE author_id = ?", all[i].ID); err != nil {
					return err
				}
			}
			return nil
		}, authors + 1, authors, "SELECT * FROM books WHERE author_id = ?"},
		{"what is prepared once and executed for each row too", func(db *sqlx.DB) error {
			stmt, err := db.Preparex("SELECT * FROM books WHERE author_id = ?")
			if err != nil {
				return err
			}
			defer stmt.Close()
			for i := range authors {
				var b []Book
				if err := stmt.Select(&b, i); err != nil {
					return err
				}
			}
			return nil
		}, authors, authors, "SELECT * FROM books WHERE author_id = ?"},
		{"it is none where it is meant", func(db *sqlx.DB) (err error) {
			bill.ExpectRepeats(func() {
				for i := range authors {
					var b []Book
					if err == nil {
						err = db.Select(&b, "SELECT * FROM books WHERE author_id = ?", i)
					}
				}
			})
			return err
		}, authors, 0, ""},
		{"IN with a list is none", func(db *sqlx.DB) error {
			q, args, err := sqlx.In("SELECT * FROM books WHERE author_id IN (?)", []int{1, 2, 3, 4, 5, 6, 7})
			if err != nil {
				return err
			}
			var b []Book
			return db.Select(&b, q, args...)
		}, 1, 0, ""},
		{"a batch is none", func(db *sqlx.DB) error {
			for i := range 6 {
				books := []Book{{100 + i, 1, "a"}, {200 + i, 1, "b"}, {300 + i, 1, "c"}}
				if _, err := db.NamedExec("INSERT INTO books (id, author_id, title) VALUES (:id, :author_id, :title)", books); err != nil {
					return err
				}
			}
			return nil
		}, 6, 0, ""},
		{"a loop over distinct statements is none", func(db *sqlx.DB) error {
			for _, table := range []string{"authors", "books", "authors a", "books b", "authors x", "books y"} {
				var n int
				if err := db.Get(&n, "SELECT count(*) FROM "+table); err != nil {
					return err
				}
			}
			return nil
		}, 6, 0, ""},
	}
	for _, tt := range tests {
		for sampled, sampler := range samplers {
			t.Run(tt.name+", "+sampled, func(t *testing.T) {
				t.Parallel()
				db := sqlx.NewDb(open(t, provider(sampler)), "sqlite")
				check(t, request(t, func() error { return tt.do(db) }), tt.statements, tt.repeated, tt.of)
			})
		}
	}
}
