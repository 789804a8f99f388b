// SPDX-License-Identifier: Apache-2.0

package nethttp_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/internal/servertest"
)

// A handler that answers at the very end of its time may be answered for, or not: what is
// recorded is what the client got.
func TestATimeoutAtTheEndOfTheTime(t *testing.T) {
	t.Parallel()
	// net/http has its opinion on a second status, and would say so.
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0)} //nolint:gosec // it serves nothing
	quiet := context.WithValue(context.Background(), http.ServerContextKey, server)
	for name, tt := range map[string]struct {
		took   time.Duration
		around func(http.Handler) http.Handler
		write  http.HandlerFunc
		sure   int // the only status that there can be; 0: there are two
	}{
		"well before":                {time.Second, same, text(201, "fine"), 201},
		"just before":                {time.Minute - 1, same, text(201, "fine"), 201},
		"at the end":                 {time.Minute, same, text(201, "fine"), 0},
		"at the end, behind another": {time.Minute, wraps, text(201, "fine"), 0},
		"after the end":              {time.Minute + 1, same, text(201, "fine"), 503},
		"long after the end":         {time.Hour, same, text(201, "fine"), 503},
		"an early hint, which it takes for the answer": {time.Second, same, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusTeapot)
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 50 {
				synctest.Test(t, func(t *testing.T) {
					tel := newTelemetry()
					h := http.TimeoutHandler(tt.around(tel.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						time.Sleep(tt.took)
						tt.write(w, r)
					}))), time.Minute, "late")
					answer := newAnswer()
					start := time.Now()
					h.ServeHTTP(answer, httptest.NewRequestWithContext(quiet, http.MethodGet, "/", nil))
					time.Sleep(2 * time.Hour)
					span := tel.Ended(t, 1)[0]
					if got := servertest.Map(span.Attributes())["http.response.status_code"]; got != int64(answer.Code) || tt.sure != 0 && answer.Code != tt.sure {
						t.Errorf("the client got %d, and %v is recorded", answer.Code, got)
					}
					if d := span.EndTime().Sub(start); d != tt.took {
						t.Errorf("the span took %v", d)
					}
				})
			}
		})
	}
}

// sent records what net/http would answer: a status of 1xx is not the last.
type sent struct{ *httptest.ResponseRecorder }

func newAnswer() sent { return sent{httptest.NewRecorder()} }

func (a sent) WriteHeader(code int) {
	if code >= 200 {
		a.ResponseRecorder.WriteHeader(code)
	}
}

// wraps puts a writer in between that says what it stands around.
func wraps(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(wrapper{w}, r) })
}

type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }
