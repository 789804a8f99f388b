// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// Only the end of the request shows that an answer without a body was complete, and that there is
// no answer shows even later. That wait does not count as the request's time.
func anAnswerFromOutsideTookItsOwnTime(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Awaits, Returns)
	for name, tt := range map[string]struct {
		outside []Middleware
		status  float64
		took    time.Duration
		over    bool // when the request's context is over
	}{
		"one with a body":    {[]Middleware{answers(Text(http.StatusBadGateway)), thinks}, 502, 10 * time.Millisecond, true},
		"one without a body": {[]Middleware{answers(func(c Context) error { return c.NoContent(502) }), thinks}, 502, 10 * time.Millisecond, true},
		"none":               {[]Middleware{swallows}, 200, 12 * time.Millisecond, f.lacks(Silence)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tel := NewTelemetry()
				h := f.Server()
				h.Use(append(tt.outside, f.middleware(t, tel.options()...))...)
				h.Handle(http.MethodGet, "/", func(Context) error {
					time.Sleep(7 * time.Millisecond)
					return ErrPlain
				})
				ctx, cancel := context.WithCancel(t.Context())
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
				time.Sleep(5 * time.Millisecond)
				cancel()
				synctest.Wait()
				if over := len(tel.Spans.Ended()) == 1; over != tt.over {
					t.Errorf("the span has ended with the request's context: %v", over)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if tt.status == 200 && f.lacks(Silence) {
					tt.took = 7 * time.Millisecond
				}
				compareTime(t, tel, tt.took)
				if l := tel.Completion(t, 1)[0]; l["status"] != tt.status || l["error"] != "plain" {
					t.Errorf("the completion line is %v", l)
				}
			})
		})
	}
}

// compareTime compares all records of how long a request took.
func compareTime(t *testing.T, tel *Telemetry, took time.Duration) {
	t.Helper()
	span, _ := tel.Span(t)
	if got := span.EndTime().Sub(span.StartTime()); got != took {
		t.Errorf("the span took %v, the request %v", got, took)
	}
	if p := tel.Points(t)[0]; p.Sum != took.Seconds() {
		t.Errorf("the metric has %v s, the request took %v", p.Sum, took)
	}
	if l := tel.Completion(t, 1)[0]; l["duration_ms"] != float64(took)/float64(time.Millisecond) {
		t.Errorf("the completion line is %v, the request took %v", l, took)
	}
}
