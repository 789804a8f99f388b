// SPDX-License-Identifier: Apache-2.0

package exchange_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// status is a handler that answers with it.
type status int

type answering struct {
	exchange.Exchange
	status status
	w      http.ResponseWriter
}

func (a *answering) Serve(*http.Request) {
	a.Writer(a.w).WriteHeader(int(a.status))
	a.Finish(&exchange.Outcome{})
}

func serve(s *exchange.Server, route string, answer status) {
	r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
	a := &answering{status: answer, w: w}
	a.Begin(s, w.Header(), r, &exchange.Inbound{Route: route, Scheme: "http"})
	a.Run(a)
}

// Routes and statuses are the server's own, and few; one that makes them up as it
// goes is served, and costs time instead of memory.
func TestWhatIsKeptIsBounded(t *testing.T) {
	t.Parallel()
	s := exchange.NewServer(exchange.Defaults("test", ""))
	for i := range 5000 {
		serve(s, fmt.Sprint("/", i), http.StatusOK)
	}
	for code := range 100 {
		serve(s, "/0", status(200+code))
	}
	if routes, variants := s.Kept(http.MethodGet, "/0"); routes != 4096 || variants != 32 {
		t.Errorf("%d routes are kept, and %d variants", routes, variants)
	}
}

func TestAnExchangeIsFinishedOnce(t *testing.T) {
	t.Parallel()
	s := exchange.NewServer(exchange.Defaults("test", ""))
	a := &answering{status: http.StatusOK, w: httptest.NewRecorder()}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	a.Begin(s, http.Header{}, r, &exchange.Inbound{Route: "/", Scheme: "http"})
	a.Run(a)
	a.Finish(&exchange.Outcome{Status: http.StatusBadGateway})
	if _, variants := s.Kept(http.MethodGet, "/"); variants != 1 {
		t.Errorf("%d measurements were made", variants)
	}
}
