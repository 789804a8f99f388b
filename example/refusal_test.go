// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

func TestARefusedOrderLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, nil, "-data", data)
	for name, tt := range map[string]struct {
		method, path, body string
		status             int
		text               string
	}{
		"bad JSON":         {"POST", "/orders", `{"item":`, 400, "invalid JSON"},
		"no JSON":          {"POST", "/orders", ``, 400, "invalid JSON"},
		"two orders":       {"POST", "/orders", `{"item":"vase","quantity":1}{}`, 400, "more than one value"},
		"a wrong type":     {"POST", "/orders", `{"item":"vase","quantity":"1"}`, 400, "invalid JSON"},
		"a huge number":    {"POST", "/orders", `{"item":"vase","quantity":99999999999999999999}`, 400, "invalid JSON"},
		"an unknown field": {"POST", "/orders", `{"item":"vase","qty":1}`, 400, "unknown field"},
		"a huge body":      {"POST", "/orders", `{"item":"` + strings.Repeat("a", 100_000) + `"}`, 413, "too large"},
		"an unknown item":  {"POST", "/orders", `{"item":"unicorn","quantity":1}`, 422, "unknown item"},
		"nothing of it":    {"POST", "/orders", `{"item":"vase","quantity":0}`, 422, "quantity"},
		"less than none":   {"POST", "/orders", `{"item":"vase","quantity":-1}`, 422, "quantity"},
		"too much at once": {"POST", "/orders", `{"item":"vase","quantity":1001}`, 422, "quantity"},
		"over the stock":   {"POST", "/orders", `{"item":"vase","quantity":4}`, 409, "not enough in stock"},
		"not affordable":   {"POST", "/orders", `{"item":"vase","quantity":3}`, 402, "declined"},
		"no such order":    {"GET", "/orders/unknown", ``, 404, "no such order"},
		"no such page":     {"GET", "/nowhere", ``, 404, "Not Found"},
		"no such method":   {"DELETE", "/orders", ``, 405, "Method Not Allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequest(tt.method, p.url()+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			status, body, header := do(t, req)
			refused(t, body, header.Get("X-Request-Id"), tt.text)
			if status != tt.status {
				t.Errorf("status %d, want %d", status, tt.status)
			}
		})
	}
	if n := ask(t, data, `SELECT available FROM items WHERE name = 'vase'`); n != 3 {
		t.Errorf("%d vases are left of 3", n)
	}
	if n := ask(t, data, `SELECT count(*) FROM orders WHERE status <> 'cancelled'`); n != 0 {
		t.Errorf("%d orders are there", n)
	}
	if n := ask(t, data, `SELECT count(*) FROM outbox`); n != 0 {
		t.Errorf("%d jobs are in the outbox", n)
	}
	if code := p.terminate(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if sent := p.logged("receipt sent"); len(sent) != 0 {
		t.Errorf("receipts were sent: %v", sent)
	}
}

func refused(t *testing.T, body []byte, requestID, text string) {
	t.Helper()
	var have struct {
		Error     string
		RequestID string `json:"request_id"`
	}
	if err := json.Unmarshal(body, &have); err != nil || !strings.Contains(have.Error, text) {
		t.Errorf("body %s, want an error with %q", body, text)
	}
	if have.RequestID == "" || have.RequestID != requestID {
		t.Errorf("request id %q, the header says %q", have.RequestID, requestID)
	}
}

func TestAnOrderIsReleasedIfPaymentsAreDown(t *testing.T) {
	t.Parallel()
	var charges, cancels atomic.Int32
	payments := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var p struct{ Status string }
		_ = json.NewDecoder(r.Body).Decode(&p)
		if p.Status == "paid" {
			charges.Add(1)
			http.Error(w, "out of order", http.StatusInternalServerError)
			return
		}
		cancels.Add(1)
		_, _ = w.Write([]byte(`{"status":"cancelled"}`))
	}))
	t.Cleanup(payments.Close)
	data := t.TempDir()
	p := start(t, []string{"PAYMENTS_URL=" + payments.URL}, "-role", "api", "-data", data)
	req, err := http.NewRequest(http.MethodPost, p.url()+"/orders", strings.NewReader(`{"item":"vase","quantity":1}`))
	if err != nil {
		t.Fatal(err)
	}
	status, body, header := do(t, req)
	refused(t, body, header.Get("X-Request-Id"), "not available")
	if status != http.StatusServiceUnavailable || charges.Load() != 1 || cancels.Load() != 1 {
		t.Errorf("status %d, %d charges, %d cancels", status, charges.Load(), cancels.Load())
	}
	if n := ask(t, data, `SELECT available FROM items WHERE name = 'vase'`); n != 3 {
		t.Errorf("%d vases are left of 3", n)
	}
}

func TestAnOrderCanBeLookedUp(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	s := sellOne(t, p.url(), 0)
	status, body := get(t, p.url()+"/orders/"+s.order)
	if want := `{"id":"` + s.order + `","item":"book","quantity":2,"total_cents":3980,"status":"paid"}`; status != http.StatusOK || strings.TrimSpace(string(body)) != want {
		t.Errorf("%d %s, want %s", status, body, want)
	}
	if status, body := get(t, p.url()+"/healthz"); status != http.StatusOK {
		t.Errorf("health: %d %s", status, body)
	}
	if _, code := once(t, "-check="+p.url()+"/healthz"); code != 0 {
		t.Errorf("-check: exit code %d", code)
	}
}

// ask asks the shop's database for a number.
func ask(t *testing.T, data, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "shop.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// once runs the example to its end.
func once(t *testing.T, args ...string) (stderr string, code int) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	var out bytes.Buffer
	cmd.Stderr = &out
	cmd.Env = []string{}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

func contains(s, part string) bool { return strings.Contains(s, part) }
