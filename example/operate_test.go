// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/asynclocal/asynclocal/inspect"
	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

func TestJobsThatWereGivenUpAreListedShownReplayedAndDiscarded(t *testing.T) {
	t.Parallel()
	broker, err := embedded.Start(t.TempDir(), embedded.WithListen("127.0.0.1", -1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Shutdown)
	data := t.TempDir()
	worker := start(t, []string{"NATS_URL=" + broker.URL()}, "-role", "worker", "-data", data)
	ops := worker.logged("ready")[0].str("ops")
	enqueue(t, broker.URL(), "send-receipt", `{"order":"not an order"}`)
	eventually(t, "the burial", func() bool { return len(worker.logged("job buried")) == 1 })
	type letter struct {
		Number                uint64
		Job, ID, Reason, Data string
	}
	var list []letter
	command(t, ops, "list", &list)
	if len(list) != 1 || list[0].Job != "send-receipt" || !strings.Contains(list[0].Reason, "invalid receipt data") {
		t.Fatalf("letters %+v", list)
	}
	var one letter
	command(t, ops, "show=1", &one)
	if one.Data != `{"order":"not an order"}` || one.ID != list[0].ID {
		t.Errorf("letter %+v", one)
	}
	if _, page := get(t, "http://"+ops+"/"); !strings.Contains(string(page), "invalid receipt data") || !strings.Contains(string(page), "Replay all") {
		t.Errorf("page %s", page)
	}
	var result struct {
		Replayed, Discarded int
		Error               string
	}
	for i, what := range []string{"replay=1", "replay=all"} {
		command(t, ops, what, &result)
		if result.Replayed != 1 {
			t.Errorf("-dead %s: %+v", what, result)
		}
		eventually(t, "it to be buried again, being what it is", func() bool { return len(worker.logged("job buried")) == 2+i })
	}
	command(t, ops, "discard=3", &result)
	command(t, ops, "list", &list)
	if result.Discarded != 1 || len(list) != 0 {
		t.Errorf("%+v, letters %+v", result, list)
	}
	for what, want := range map[string]string{"show=3": "no such dead letter", "replay=x": "no such dead letter", "burn": "want list"} {
		out, err := exec.Command(binary, "-ops", ops, "-dead", what).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("-dead %s: %v, %s", what, err, out)
		}
	}
}

func command(t *testing.T, ops, what string, into any) {
	t.Helper()
	out, err := exec.Command(binary, "-ops", ops, "-dead", what).Output()
	if err != nil {
		t.Fatalf("-dead %s: %v, %s", what, err, out)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("-dead %s: %v, %s", what, err, out)
	}
}

func enqueue(t *testing.T, url, job, data string) {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	q, err := natsjobs.Open(t.Context(), nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := q.Publish(context.Background(), job, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func TestOperationAndProfilesAreForThisMachineAlone(t *testing.T) {
	t.Parallel()
	p := start(t, nil, "-addr", "0.0.0.0:0")
	_, port, _ := net.SplitHostPort(p.logged("ready")[0].str("addr"))
	api, ops := "http://127.0.0.1:"+port, "http://"+p.logged("ready")[0].str("ops")
	for name, tt := range map[string]struct {
		method, url, host string
		header            [2]string
		status            int
	}{
		"a profile":                      {url: api + "/debug/pprof/goroutine?debug=1", status: 200},
		"a profile, by name":             {url: api + "/debug/pprof/goroutine?debug=1", host: "LOCALHOST:1", status: 200},
		"a profile, by another's name":   {url: api + "/debug/pprof/goroutine?debug=1", host: "evil.example", status: 403},
		"a profile, by no name":          {url: api + "/debug/pprof/goroutine?debug=1", host: "localhost.evil.example", status: 403},
		"a profile, through a proxy":     {url: api + "/debug/pprof/goroutine?debug=1", header: [2]string{"X-Forwarded-For", "192.0.2.1"}, status: 403},
		"a profile, through a shy proxy": {url: api + "/debug/pprof/goroutine?debug=1", header: [2]string{"Via", ""}, status: 403},
		"a profile, through a CDN":       {url: api + "/debug/pprof/profile?seconds=1", header: [2]string{"CF-Connecting-IP", "192.0.2.1"}, status: 403},
		"letters":                        {url: ops + "/dead-letters", status: 200},
		"letters, by another's name":     {url: ops + "/dead-letters", host: "evil.example", status: 403},
		"a replay":                       {method: "POST", url: ops + "/dead-letters/replay", status: 200},
		"a replay for another site":      {method: "POST", url: ops + "/dead-letters/replay", header: [2]string{"Sec-Fetch-Site", "cross-site"}, status: 403},
		"a replay for another origin":    {method: "POST", url: ops + "/dead-letters/replay", header: [2]string{"Origin", "http://evil.example"}, status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequest(tt.method, tt.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = tt.host
			if tt.header[0] != "" {
				req.Header[http.CanonicalHeaderKey(tt.header[0])] = []string{tt.header[1]}
			}
			if status, body, _ := do(t, req); status != tt.status {
				t.Errorf("status %d %.200s, want %d", status, body, tt.status)
			}
		})
	}
	t.Run("another machine", func(t *testing.T) {
		t.Parallel()
		status, _ := get(t, "http://"+net.JoinHostPort(ownAddress(t), port)+"/debug/pprof/")
		if status != http.StatusForbidden {
			t.Errorf("status %d", status)
		}
	})
}

// ownAddress is one of this machine's that others can reach.
func ownAddress(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	t.Skip("this machine has no address but its own")
	return ""
}

func TestAProfileThatIsBeingTakenDoesNotDelayTheEnd(t *testing.T) {
	t.Parallel()
	p := start(t, nil)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		if res, err := http.Get(p.url() + "/debug/pprof/profile?seconds=300"); err == nil {
			_ = res.Body.Close()
		}
	}()
	eventually(t, "the profile to be taken", func() bool {
		_, body := get(t, p.url()+"/debug/pprof/goroutine?debug=1")
		return strings.Contains(string(body), "pprof.Profile")
	})
	began := time.Now()
	if code := p.terminate(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if d := time.Since(began); d > 15*time.Second { // of a grace of 20
		t.Errorf("it took %v to end", d)
	}
	<-asked
}

func TestABodyThatDoesNotArriveHoldsUpNobody(t *testing.T) {
	t.Parallel()
	t.Run("at the end", func(t *testing.T) {
		t.Parallel()
		inspector := httptest.NewServer(openInspector())
		t.Cleanup(inspector.Close)
		p := start(t, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + inspector.URL + "/inspect"}, "-body-timeout", "5m")
		hang(t, p)
		eventually(t, "the request to be in its handler", func() bool {
			_, body := get(t, p.url()+"/debug/pprof/goroutine?debug=1")
			return strings.Contains(string(body), "api.(*api).place")
		})
		began := time.Now()
		if code := p.terminate(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		if d := time.Since(began); d > 15*time.Second {
			t.Errorf("it took %v to end", d)
		}
		lines := p.logged("request completed")
		if len(lines) != 1 || lines[0]["status"] != float64(http.StatusRequestTimeout) {
			t.Fatalf("lines %v", lines)
		}
		if spans := exported(t, inspector.URL, lines[0].str("request_id")); !strings.Contains(spans, `"POST /orders"`) {
			t.Errorf("no span arrived: %s", spans)
		}
	})
	t.Run("at any time", func(t *testing.T) {
		t.Parallel()
		p := start(t, nil, "-body-timeout", "300ms")
		hang(t, p)
		eventually(t, "an answer", func() bool {
			lines := p.logged("request completed")
			return len(lines) == 1 && lines[0]["status"] == float64(http.StatusRequestTimeout)
		})
		// A request that arrives in time may take longer to be answered.
		if status, _ := get(t, p.url()+"/debug/pprof/profile?seconds=1"); status != 200 {
			t.Errorf("status %d", status)
		}
		sellOne(t, p.url(), 0)
	})
}

func TestARequestThatOutlastsTheGraceHasItsLineAndItsSpan(t *testing.T) {
	t.Parallel()
	hanging := make(chan struct{}, 10)
	payments := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		hanging <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(payments.Close)
	inspector := httptest.NewServer(openInspector())
	t.Cleanup(inspector.Close)
	p := start(t, []string{"PAYMENTS_URL=" + payments.URL, "OTEL_EXPORTER_OTLP_ENDPOINT=" + inspector.URL + "/inspect"},
		"-role", "api", "-data", t.TempDir(), "-grace", "1s")
	go func() {
		res, err := http.Post(p.url()+"/orders", "application/json", strings.NewReader(`{"item":"book","quantity":1}`))
		if err == nil {
			_ = res.Body.Close()
		}
	}()
	<-hanging
	if code := p.terminate(); code != 1 {
		t.Errorf("exit code %d, want 1: a customer has no answer", code)
	}
	lines := append(p.logged("request completed"), p.logged("request failed")...)
	found := ""
	for _, l := range lines {
		if l.str("route") == "/orders" || l.str("request_id") != "" {
			found = l.str("request_id")
		}
	}
	if found == "" {
		t.Fatalf("no line among %v", lines)
	}
	if spans := exported(t, inspector.URL, found); !strings.Contains(spans, `"POST /orders"`) {
		t.Errorf("no span arrived: %s", spans)
	}
}

func openInspector() http.Handler { return inspect.New(inspect.WithoutToken()) }

func TestADatabaseThatIsDownIs503WithRetryAfter(t *testing.T) {
	t.Parallel()
	db := newPostgres(t)
	p := start(t, []string{"DATABASE_URL=" + db.url()})
	s := sellOne(t, p.url(), 0)
	db.stop()
	for _, tt := range []struct{ method, path string }{{"POST", "/orders"}, {"GET", "/orders/" + s.order}, {"POST", "/reports"}, {"GET", "/healthz"}} {
		req, err := http.NewRequest(tt.method, p.url()+tt.path, strings.NewReader(`{"item":"book","quantity":1}`))
		if err != nil {
			t.Fatal(err)
		}
		status, body, header := do(t, req)
		if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
			t.Errorf("%s %s: %d %s, Retry-After %q", tt.method, tt.path, status, body, header.Get("Retry-After"))
		}
	}
	db.start()
	sellOne(t, p.url(), 0)
}

func TestAShortageIsOrderedForOnce(t *testing.T) {
	t.Parallel()
	broker, err := embedded.Start(t.TempDir(), embedded.WithListen("127.0.0.1", -1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Shutdown)
	data := t.TempDir()
	env := []string{"NATS_URL=" + broker.URL()}
	payments := start(t, nil, "-role", "payments", "-data", data)
	api := start(t, append(env, "PAYMENTS_URL="+payments.url()), "-role", "api", "-data", data)
	buy := func(n int) {
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				res, err := http.Post(api.url()+"/orders", "application/json", strings.NewReader(`{"item":"lamp","quantity":1}`))
				if err != nil || res.StatusCode != http.StatusCreated {
					t.Error(res, err)
				}
				_ = res.Body.Close()
			})
		}
		wg.Wait()
	}
	buy(22) // of 25: the last seven see fewer than ten
	start(t, env, "-role", "worker", "-data", data)
	eventually(t, "the delivery", func() bool { return ask(t, data, `SELECT available FROM items WHERE name = 'lamp'`) == 1003 })
	eventually(t, "no job left", func() bool { return ask(t, data, `SELECT count(*) FROM outbox`) == 0 && receipts(t, data) == 22 })
	if n := ask(t, data, `SELECT count(*) FROM deliveries`); n != 1 {
		t.Errorf("%d deliveries", n)
	}
	if n := ask(t, data, `SELECT count(*) FROM shortages`); n != 0 {
		t.Errorf("%d shortages are left", n)
	}
}

func TestAFullDiskIsSaidAndPasses(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=24m"); err != nil {
		t.Skip("no small file system without being root: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(data, syscall.MNT_DETACH) })
	p := start(t, nil, "-data", data, "-finish", "5s")
	tr := startTrade(t, p.url)
	tr.more(50)
	fill, err := os.Create(filepath.Join(data, "fill"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = fill.Write(make([]byte, 64<<10))
	}
	eventually(t, "the health check to fail", func() bool {
		status, _ := get(t, p.url()+"/healthz")
		return status == http.StatusServiceUnavailable
	})
	if err := fill.Truncate(0); err != nil {
		t.Fatal(err)
	}
	_ = fill.Close()
	eventually(t, "the health check to pass", func() bool {
		status, _ := get(t, p.url()+"/healthz")
		return status == http.StatusOK
	})
	tr.more(50)
	paid := tr.end()
	audit(t, func(query string) int { return ask(t, data, query) }, data, paid, nil)
	if n := len(p.logged("job buried")); n != 0 {
		t.Errorf("%d jobs were given up", n)
	}
	if len(p.logged("embedded broker: it does not do its work")) == 0 {
		t.Error("no line says so")
	}
}
