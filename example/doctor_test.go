// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"flag"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// soak is how many requests the shop answers under a doctor. 100000 of them take some minutes.
var soak = flag.Int64("soak", 2000, "how many requests the shop is asked, which must lose nothing")

// Whatever the shop does is right: orders, those that are refused, reports, their jobs, and the end.
func TestTheDoctorFindsNothingInTheShop(t *testing.T) {
	t.Parallel()
	p := start(t, nil, "-doctor")
	url := p.url()
	p.forget.Store(true)
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	defer client.CloseIdleConnections()
	began := time.Now()
	var asked, failed atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for n := asked.Add(1); n <= *soak; n = asked.Add(1) {
				if status := askFor(t, client, url, n); status == 0 || status >= http.StatusInternalServerError {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d requests in %v", *soak, time.Since(began).Round(time.Second))
	if n := failed.Load(); n > 0 {
		t.Errorf("%d of them failed", n)
	}
	if status, body := look(t, p, "/pages/doctor"); status != http.StatusOK || !strings.Contains(string(body), "Nothing was found so far.") {
		t.Errorf("its page: %d\n%s", status, body)
	}
	if code := p.terminate(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(p.greeting(), "The doctor has 0 findings.") {
		t.Errorf("it prints\n%s", p.greeting())
	}
}

// askFor asks for one of the things that customers ask for, and returns the status of the answer.
func askFor(t *testing.T, client *http.Client, url string, n int64) (status int) {
	method, path, body := http.MethodGet, "/orders/unknown", ""
	switch n % 20 {
	case 0:
		method, path, body = http.MethodPost, "/orders", `{"item":"book","quantity":1}`
	case 1:
		method, path, body = http.MethodPost, "/orders", `{"item":"vase","quantity":3}` // not affordable
	case 2:
		path = "/nowhere"
	case 3, 4, 5, 6:
		path = "/healthz"
	}
	if n%1000 == 7 {
		method, path = http.MethodPost, "/reports"
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	if n%3 == 0 {
		req.Header.Set("X-Request-Id", fmt.Sprint("customer-", n))
	}
	res, err := client.Do(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}
