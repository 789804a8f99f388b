// SPDX-License-Identifier: Apache-2.0

package middleware_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware"
	"github.com/asynclocal/asynclocal/store"
)

// Whatever clients call themselves and ask for, the time series are those of the
// server's routes.
func TestMetricsDoNotGrowWithWhatClientsSend(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	h := gullible(tel, 0, nil)
	s := serve(t, h)
	for i := range 300 {
		req, err := http.NewRequestWithContext(t.Context(), fmt.Sprint("METHOD", i), fmt.Sprintf("%s/orders/%d?q=%d", s.URL, i, i), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = fmt.Sprintf("host%d.example.com:%d", i, 1+i)
		for _, name := range []string{"User-Agent", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id", "Traceparent", "Baggage", "Origin"} {
			req.Header.Set(name, fmt.Sprint("made-up-", i))
		}
		do(t, s.Client(), req)
	}
	tel.ended(t, 300)
	if points := tel.points(t, durationMetric); len(points) != 1 || points[0].Count != 300 {
		t.Errorf("300 clients make %d time series: %+v", len(points), points)
	}
	if n := len(tel.activePoints(t)); n != 1 {
		t.Errorf("300 clients make %d time series of active requests", n)
	}
}

// Many requests at once, of all outcomes, each keep to themselves: what is counted
// is what was sent, and a line and a span are about the same request.
func TestACrowd(t *testing.T) {
	t.Parallel()
	tel := newTelemetry(t)
	e := newEcho()
	e.Use(quietRecover(), tel.middleware(middleware.WithActiveRequests()))
	e.GET("/:what/:id", func(c echo.Context) error {
		if r, _ := store.CurrentFrom(c.Request().Context()); r.ID() != c.Param("id") {
			t.Errorf("request %s is %s", c.Param("id"), r.ID())
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
	s := serve(t, e)
	const clients, each = 8, 40
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			for i := range each {
				what := []string{"answer", "error", "panic", "late"}[i%4]
				id := fmt.Sprintf("%s-%d-%d", what, client, i)
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/"+what+"/"+id+"?"+id, http.NoBody)
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("X-Request-Id", id)
				if resp, err := s.Client().Do(req); err != nil || resp.Body.Close() != nil || resp.Header.Get("X-Request-Id") != id {
					t.Errorf("%s: %v", id, err)
				}
			}
		})
	}
	all.Wait()
	const total = clients * each
	sent := map[any]string{} // by span id
	for _, span := range tel.ended(t, total) {
		sent[span.SpanContext().SpanID().String()], _ = attributes(span.Attributes())["url.query"].(string)
	}
	for _, l := range tel.completion(t, total) {
		id := sent[l["span_id"]]
		what, _, _ := strings.Cut(id, "-")
		if l["path"] != "/"+what+"/"+id || what == "answer" == (l["error"] != nil) || l["error"] != nil && l["error"] != id {
			t.Errorf("the line of %q is %v", id, l)
		}
	}
	count := uint64(0)
	for _, p := range tel.points(t, durationMetric) {
		count += p.Count
	}
	if count != total || tel.active(t) != 0 {
		t.Errorf("%d requests were measured, want %d; %d are active", count, total, tel.active(t))
	}
}
