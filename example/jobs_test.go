// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestALowStockIsRefilledOnce(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, nil, "-data", data)
	// Of 25 lamps 9 are left.
	for _, quantity := range []string{"8", "8"} {
		req, err := http.NewRequest(http.MethodPost, p.url()+"/orders", strings.NewReader(`{"item":"lamp","quantity":`+quantity+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if status, body, _ := do(t, req); status != http.StatusCreated {
			t.Fatalf("%d %s", status, body)
		}
	}
	eventually(t, "the lamps", func() bool { return len(p.logged("restocked")) == 1 })
	if n := ask(t, data, `SELECT available FROM items WHERE name = 'lamp'`); n != 1009 {
		t.Errorf("%d lamps", n)
	}
	ordered, restocked := p.logged("request completed"), p.logged("restocked")[0]
	if last := ordered[len(ordered)-1]; last.str("request_id") != restocked.str("request_id") {
		t.Errorf("restocked for %s, want %s", restocked.str("request_id"), last.str("request_id"))
	}
}

func TestAReportShowsItsProgress(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	sellOne(t, p.url(), 0)
	req, err := http.NewRequest(http.MethodPost, p.url()+"/reports", nil)
	if err != nil {
		t.Fatal(err)
	}
	status, body, header := do(t, req)
	if status != http.StatusAccepted {
		t.Fatalf("%d %s", status, body)
	}
	steps := map[int]bool{}
	var r struct {
		Done, Items int
		Revenue     int64 `json:"revenue_cents"`
	}
	eventually(t, "the report", func() bool {
		_, body := get(t, p.url()+header.Get("Location"))
		if err := json.Unmarshal(body, &r); err != nil {
			t.Fatal(err)
		}
		steps[r.Done] = true
		return r.Items > 0 && r.Done == r.Items
	})
	if r.Revenue != 3980 || len(steps) < 3 {
		t.Errorf("report %+v, seen at steps %v", r, steps)
	}
	for _, l := range p.logged("report progresses") {
		if l.str("request_id") != header.Get("X-Request-Id") {
			t.Errorf("line %v is not of the request", l)
		}
	}
}

func TestKillingTheProcessLeavesNoOrderHalfDone(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := start(t, nil, "-data", data, "-finish", "5s")
	sold, _ := sellUntilRefused(t, p)
	p.kill()
	sales := sold()
	start(t, nil, "-data", data, "-finish", "5s")
	// No process works on pending orders for a while, and then one does.
	eventually(t, "all orders to be settled, all jobs sent, and all receipts written", func() bool {
		paid := ask(t, data, `SELECT count(*) FROM orders WHERE status = 'paid'`)
		return ask(t, data, `SELECT count(*) FROM orders WHERE status = 'pending'`) == 0 &&
			ask(t, data, `SELECT count(*) FROM outbox`) == 0 && receipts(t, data) == paid
	})
	paid := ask(t, data, `SELECT count(*) FROM orders WHERE status = 'paid'`)
	if paid < len(sales) {
		t.Errorf("%d orders are paid, %d customers were told so", paid, len(sales))
	}
	if n := ask(t, data, `SELECT available + (SELECT coalesce(sum(quantity), 0) FROM orders WHERE item = 'book' AND status = 'paid')
		FROM items WHERE name = 'book'`); n != 10_000 {
		t.Errorf("%d books are sold or there, of 10000", n)
	}
	if n := ask(t, data, `SELECT count(*) FROM payments WHERE status = 'paid'
		AND order_id NOT IN (SELECT id FROM orders WHERE status = 'paid')`); n != 0 {
		t.Errorf("%d payments are for nothing", n)
	}
}
