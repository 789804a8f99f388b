// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// id returns the id of the request, which must exist.
func id(t testing.TB, c Context) string {
	t.Helper()
	r, ok := store.CurrentFrom(c.Request().Context())
	if !ok {
		t.Error("the request is lost")
		return ""
	}
	return r.ID()
}

// Whatever clients call themselves and ask for, the time series are those of the server's routes.
func metricsDoNotGrowWithWhatClientsSend(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(f.middleware(t, tel.options(With("WithRequestHeaders", "X-Request-Id", "Baggage"), With("WithActiveRequests"))...))
	h.Handle("", "/orders/:id", Text(http.StatusOK))
	s := Serve(t, h)
	for i := range 300 {
		headers := []string{"Host", fmt.Sprintf("host%d.example.com:%d", i, 1+i)}
		for _, name := range []string{"User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id", "Traceparent", "Baggage", "Origin"} {
			headers = append(headers, name, fmt.Sprint("made-up-", i))
		}
		method := []string{"GET", "BREW", "MKCOL", "Put"}[i%4]
		if f.lacks(AnyMethod) {
			method = http.MethodGet
		}
		Send(t, s, method, fmt.Sprintf("/orders/%d?q=%d", i, i), nil, headers...)
	}
	tel.Ended(t, 300)
	count, want := uint64(0), 2 // GET, and all unknown methods
	if f.lacks(AnyMethod) {
		want = 1
	}
	for _, p := range tel.Points(t) {
		count += p.Count
	}
	if n := len(tel.Points(t)); n != want || count != 300 {
		t.Errorf("%d requests make %d time series, want %d: %+v", count, n, want, tel.Points(t))
	}
	if n := len(tel.ActivePoints(t)); n != want {
		t.Errorf("300 clients make %d time series of active requests", n)
	}
}

// Many concurrent requests, of all outcomes, each keep to themselves: what is counted is what was
// sent, and a line and a span are about the same request.
func aCrowd(t *testing.T, f *Framework) {
	t.Parallel()
	tel := NewTelemetry()
	h := f.Server()
	h.Use(append(f.parts(t, []Middleware{Recover}), f.middleware(t, tel.options(With("WithActiveRequests"))...))...)
	h.Handle(http.MethodGet, "/:what/:id", func(c Context) error {
		if got := id(t, c); got != c.Param("id") {
			t.Errorf("request %s is %s", c.Param("id"), got)
		}
		switch c.Param("what") {
		case "error":
			return errors.New(c.Param("id"))
		case "panic":
			panic(c.Param("id"))
		case "late":
			return errors.Join(c.String(http.StatusOK, "fine"), errors.New(c.Param("id")))
		}
		return c.String(http.StatusOK, c.Param("id"))
	})
	s := Serve(t, h)
	const clients, each, total = 8, 40, 320
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for i := range each {
				what := []string{"answer", "error", "panic", "late"}[i%4]
				id := fmt.Sprintf("%s-%d-%d", what, client, i)
				if got := Get(t, s, "/"+what+"/"+id+"?"+id, "X-Request-Id", id); got.Header.Get("X-Request-Id") != id {
					t.Errorf("%s is answered %v", id, got)
				}
			}
		})
	}
	all.Wait()
	sent := map[any]string{} // by span id
	for _, span := range tel.Ended(t, total) {
		sent[span.SpanContext().SpanID().String()], _ = Map(span.Attributes())["url.query"].(string)
	}
	for _, l := range tel.Completion(t, total) {
		id := sent[l["span_id"]]
		what, _, _ := strings.Cut(id, "-")
		if l["path"] != "/"+what+"/"+id || what == "answer" == (l["error"] != nil) || l["error"] != nil && l["error"] != id {
			t.Errorf("the line of %q is %v", id, l)
		}
	}
	count := uint64(0)
	for _, p := range tel.Points(t) {
		count += p.Count
	}
	if count != total || tel.Active(t) != 0 {
		t.Errorf("%d requests were measured, want %d; %d are active", count, total, tel.Active(t))
	}
}
