// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
)

func TestASIGTERMLosesNothing(t *testing.T) {
	t.Parallel()
	inspector := inspect.New(inspect.WithoutToken())
	collector := httptest.NewServer(inspector)
	t.Cleanup(collector.Close)
	data := t.TempDir()
	p := start(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL + "/inspect"}, "-data", data)

	sold, sent := sellUntilRefused(t, p)
	if code := p.terminate(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	sales := sold()
	if n := ask(t, data, `SELECT count(*) FROM orders WHERE status = 'pending'`); n != 0 {
		t.Errorf("%d orders are half-done", n)
	}
	if n := ask(t, data, `SELECT count(*) FROM orders WHERE status = 'paid'`); n != len(sales) {
		t.Errorf("%d orders are paid, %d of %d customers were told so", n, len(sales), sent.Load())
	}
	for _, s := range sales {
		spans := exported(t, collector.URL, s.requestID)
		for _, want := range []string{`"POST /orders"`, `"shop-api"`, `"PUT /payments/:order"`, `"shop-payments"`, `"order.(*Shop).sendLater.func1"`} {
			if !strings.Contains(spans, want) {
				t.Fatalf("request %s: no %s arrived: %s", s.requestID, want, spans)
			}
		}
	}

	// Jobs that were not done are done by the next process.
	p = start(t, nil, "-data", data)
	eventually(t, "all receipts", func() bool {
		return receipts(t, data) == len(sales)
	})
	for _, s := range sales {
		if _, err := os.Stat(filepath.Join(data, "receipts", s.order+".txt")); err != nil {
			t.Error(err)
		}
	}
	if code := p.terminate(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestAnEndThatIsAskedForLeavesNoFile(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := start(t, []string{"TMPDIR=" + dir})
			if made, err := os.ReadDir(dir); err != nil || len(made) == 0 {
				t.Fatalf("the shop keeps nothing here, %v: this tests nothing", err)
			}
			if code := p.end(sig); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("it left %v, %v", left, err)
			}
		})
	}
}

// receipts is how many were written.
func receipts(t *testing.T, data string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, "receipts", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// sellUntilRefused has customers order one thing after the other until there is no
// answer. sold waits for them, and returns what was sold.
func sellUntilRefused(t *testing.T, p *process) (sold func() []sale, sent *atomic.Int32) {
	t.Helper()
	const customers = 8
	var mu sync.Mutex
	var sales []sale
	var wg sync.WaitGroup
	sent = new(atomic.Int32)
	for range customers {
		wg.Go(func() {
			for {
				sent.Add(1)
				res, err := http.Post(p.url()+"/orders", "application/json", strings.NewReader(`{"item":"book","quantity":1}`))
				if err != nil {
					return
				}
				var o struct{ ID, Status string }
				err = json.NewDecoder(res.Body).Decode(&o)
				_ = res.Body.Close()
				if err != nil && p.killed.Load() {
					return
				}
				if err != nil || o.Status != "paid" {
					t.Errorf("%s, %v", res.Status, err)
					return
				}
				mu.Lock()
				sales = append(sales, sale{requestID: res.Header.Get("X-Request-Id"), order: o.ID})
				mu.Unlock()
			}
		})
	}
	eventually(t, "business to be brisk", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(sales) >= 50
	})
	return func() []sale { wg.Wait(); return sales }, sent
}

// exported is what the collector knows of a request.
func exported(t *testing.T, url, id string) string {
	t.Helper()
	_, body := get(t, url+"/inspect/api/requests/"+id)
	return string(body)
}
