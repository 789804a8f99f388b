// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// A sale is an order as the customer knows it.
type sale struct {
	requestID string // of the response
	traceID   string // that the customer has sent, "" if none
	order     string
	status    string
}

const orders = 200

func TestEveryLineOfAnOrderHasItsIDs(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	check(t, sell(t, p.url(), orders), p)
	for _, want := range []string{p.url() + "/inspect", "curl -i " + p.url() + "/orders"} {
		if !strings.Contains(p.greeting(), want) {
			t.Errorf("stdout does not tell to try %s:\n%s", want, p.greeting())
		}
	}
}

// check waits until all orders are through, and looks at who logged what.
func check(t *testing.T, sales []sale, processes ...*process) {
	t.Helper()
	for _, m := range told {
		eventually(t, "all lines "+m, func() bool {
			n := 0
			for _, p := range processes {
				n += len(p.logged(m))
			}
			return n >= len(sales)
		})
	}
	byRequest, byOrder := map[string][]line{}, map[string][]line{}
	for _, p := range processes {
		for _, l := range p.log() {
			if id := l.str("request_id"); id != "" {
				byRequest[id] = append(byRequest[id], l)
			}
			if id := l.str("order"); id != "" {
				byOrder[id] = append(byOrder[id], l)
			}
		}
	}
	traces := map[string]string{}
	for _, s := range sales {
		checkSale(t, s, byRequest[s.requestID], byOrder[s.order])
		if len(byRequest[s.requestID]) == 0 {
			continue
		}
		trace := byRequest[s.requestID][0].str("trace_id")
		if other, taken := traces[trace]; taken {
			t.Errorf("orders %s and %s share trace %s", s.order, other, trace)
		}
		traces[trace] = s.order
	}
}

// told is what is logged about one order: by the handler and its domain code, the
// payments service, the bare goroutine, and the job.
var told = []string{
	"order received", "stock reserved", "payment settled", "payment accepted", "order placed",
	"audit", "receipt sent", "job completed",
}

func checkSale(t *testing.T, s sale, lines, ofOrder []line) {
	t.Helper()
	messages := map[string]int{}
	for _, l := range lines {
		messages[l.str("msg")]++
		if o := l.str("order"); o != "" && o != s.order {
			t.Errorf("request %s: line %v is of another order", s.requestID, l)
		}
		if l.str("trace_id") != lines[0].str("trace_id") || len(l.str("span_id")) != 16 || l.str("trace_flags") == "" {
			t.Errorf("request %s: line %v is not of trace %s", s.requestID, l, lines[0].str("trace_id"))
		}
		if s.traceID != "" && l.str("trace_id") != s.traceID {
			t.Errorf("request %s: line %v is not of the customer's trace %s", s.requestID, l, s.traceID)
		}
	}
	for _, m := range told {
		if messages[m] != 1 {
			t.Errorf("request %s: %q was logged %d times", s.requestID, m, messages[m])
		}
	}
	for _, l := range ofOrder {
		if l.str("request_id") != s.requestID {
			t.Errorf("order %s: line %v is not of request %s", s.order, l, s.requestID)
		}
	}
}

// sell places n orders at once: with and without a request id and a trace.
func sell(t *testing.T, url string, n int) []sale {
	t.Helper()
	sales := make([]sale, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { sales[i] = sellOne(t, url, i) })
	}
	wg.Wait()
	return sales
}

func sellOne(t *testing.T, url string, i int) (s sale) {
	req, err := http.NewRequest(http.MethodPost, url+"/orders", strings.NewReader(`{"item":"book","quantity":2}`))
	if err != nil {
		t.Error(err)
		return s
	}
	req.Header.Set("Content-Type", "application/json")
	sent := ""
	if i%2 == 1 {
		sent = fmt.Sprintf("customer-%d", i)
		req.Header.Set("X-Request-Id", sent)
	}
	if i%4 >= 2 {
		s.traceID = fmt.Sprintf("%032x", i+1)
		req.Header.Set("Traceparent", "00-"+s.traceID+"-00f067aa0ba902b7-01")
	}
	status, body, header := do(t, req)
	var o struct{ ID, Status string }
	if err := json.Unmarshal(body, &o); err != nil || status != http.StatusCreated || o.Status != "paid" || o.ID == "" {
		t.Errorf("order %d: %d %s", i, status, body)
		return s
	}
	s.requestID, s.order, s.status = header.Get("X-Request-Id"), o.ID, o.Status
	if sent != "" && s.requestID != sent || s.requestID == "" {
		t.Errorf("order %d: request id %q came back as %q", i, sent, s.requestID)
	}
	return s
}

func do(t *testing.T, req *http.Request) (status int, body []byte, header http.Header) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0, nil, nil
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, body, res.Header
}

func get(t *testing.T, url string) (status int, body []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	status, body, _ = do(t, req)
	return status, body
}
