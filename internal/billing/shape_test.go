// SPDX-License-Identifier: Apache-2.0

package billing_test

import (
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/internal/billing"
)

func TestStatementsThatDifferInLiteralsHaveOneShape(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, sql, want string }{
		{"numbers", "SELECT * FROM t WHERE a = 17 AND b < 1.5e3 AND c = 0xFF", "SELECT * FROM t WHERE a = ? AND b < ? AND c = ?"},
		{"strings", "SELECT 'it''s', 'a\\'b', '--no comment'", "SELECT ?"},
		{"placeholders of all kinds", "SELECT a FROM t WHERE b=$1 AND c=? AND d=:name AND e=@p1", "SELECT a FROM t WHERE b=? AND c=? AND d=? AND e=?"},
		{"a list of any length", "SELECT a FROM t WHERE b IN (1, 2,3 ,\n4)", "SELECT a FROM t WHERE b IN (?)"},
		{"blanks and line ends", "  SELECT\ta\n\n FROM  t ;", "SELECT a FROM t ;"},
		{"comments, which may have a trace in them", "SELECT a -- why\nFROM t /* traceparent='00-1-2-01' */ WHERE b = 1", "SELECT a FROM t WHERE b = ?"},
		{"names with digits", "SELECT t1.c2 FROM tab_3 AS t1", "SELECT t1.c2 FROM tab_3 AS t1"},
		{"names in quotes", `SELECT "a b" FROM ` + "`t 7`" + ` WHERE "x" = 7`, `SELECT "a b" FROM ` + "`t 7`" + ` WHERE "x" = ?`},
		{"a cast", "SELECT a::int8 FROM t WHERE b = '7'::int", "SELECT a::int8 FROM t WHERE b = ?::int"},
		{"dollar quotes", "SELECT $$it's$$, $x$ a $y$ b $x$ FROM t", "SELECT ? FROM t"},
		{"letters before a string", "SELECT E'a' FROM t", "SELECT E? FROM t"},
		{"a string without an end hides the rest", "SELECT a FROM t WHERE b = 'secret, c", "SELECT a FROM t WHERE b = ?"},
		{"a function of a literal and a column", "SELECT COALESCE(?, a) FROM t", "SELECT COALESCE(?,a) FROM t"},
		{"nothing", " \n ", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _ := billing.StatementShape(tt.sql, "postgresql")
			if strings.ReplaceAll(got, ", ", ",") != strings.ReplaceAll(tt.want, ", ", ",") {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestADoubleQuotedStringOfMySQLIsHidden(t *testing.T) {
	t.Parallel()
	if got, _ := billing.StatementShape(`SELECT a FROM t WHERE b = "secret"`, "mysql"); got != "SELECT a FROM t WHERE b = ?" {
		t.Errorf("got %q", got)
	}
}

func TestRowsAreSeveral(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]bool{
		"INSERT INTO t (a, b) VALUES (1, 'x')":           false,
		"INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')": true,
		"INSERT INTO t VALUES ($1,$2),($3,$4),($5,$6)":   true,
		"SELECT a FROM t WHERE b IN (1, 2)":              false,
	} {
		if _, got := billing.StatementShape(sql, ""); got != want {
			t.Errorf("%s: several is %v", sql, got)
		}
	}
}

func TestCallsThatDifferInIDsHaveOneShape(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, url, template, want string }{
		{"a number", "https://api.example.com/orders/17/items", "", "GET api.example.com/orders/{}/items"},
		{"a UUID and a token", "http://api:8080/u/123e4567-e89b-12d3-a456-426614174000/t/abcdef0123", "", "GET api:8080/u/{}/t/{}"},
		{"the query, the fragment and who asks are no part of it", "http://me:secret@api/search?q=17#a", "", "GET api/search"},
		{"a version is none", "http://api/v2/things", "", "GET api/v2/things"},
		{"a template says it better", "http://api/things/blue", "/things/{color}", "GET api/things/{color}"},
		{"no path", "http://api", "", "GET api"},
		{"no host", "/things", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := billing.CallShape("GET", tt.url, tt.template); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzStatement holds that nothing that stands in quotes gets out, whatever stands around it, and
// that a shape is the shape of itself.
func FuzzStatement(f *testing.F) {
	for _, s := range []string{"", "SELECT 1", "'", "--", "/*", "$a$", "E'\\", "a = ", "(1),(2)", "\"", "`", "? , ?", "::", "@a", "\x00\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, before string) {
		if len(before) > 3000 {
			return
		}
		shape, _ := billing.StatementShape(before, "")
		if again, _ := billing.StatementShape(shape, ""); again != shape && !strings.ContainsAny(before, "'\"`$-/\\?:@,") {
			t.Errorf("%q becomes %q, and that %q", before, shape, again)
		}
		if strings.ContainsAny(before, "'\"`$-/\\") {
			return // may have opened something
		}
		if shape, _ := billing.StatementShape(before+" 'secret' ", ""); strings.Contains(shape, "secret") && !strings.Contains(before, "secret") {
			t.Errorf("%q shows %q", before, shape)
		}
	})
}
