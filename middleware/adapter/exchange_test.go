// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// status is a handler that answers with it.
type status int

func (s status) ServeHTTP(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(s)) }

func serve(i *adapter.Instrumentation, route string, answer status) *adapter.Exchange {
	x := new(adapter.Exchange)
	x.Run(i, httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), adapter.Inbound{Route: route}, answer)
	return x
}

// Routes and statuses are the server's own, and few; one that makes them up as it
// goes is served, and costs time instead of memory.
func TestWhatIsKeptIsBounded(t *testing.T) {
	t.Parallel()
	i := adapter.New(adapter.Scope{Name: "test"}, nil)
	for n := range 5000 {
		serve(i, fmt.Sprint("/", n), http.StatusOK)
	}
	for code := range 100 {
		serve(i, "/0", status(200+code))
	}
	if routes, variants := i.Kept(http.MethodGet, "/0"); routes != 4096 || variants != 32 {
		t.Errorf("%d routes are kept, and %d variants", routes, variants)
	}
}

func TestAnExchangeIsFinishedOnce(t *testing.T) {
	t.Parallel()
	i := adapter.New(adapter.Scope{Name: "test"}, nil)
	x := serve(i, "/", http.StatusOK)
	x.Finish(httptest.NewRequest(http.MethodGet, "/", nil), adapter.Outcome{Route: "/late"})
	if _, variants := i.Kept(http.MethodGet, "/"); variants != 1 {
		t.Errorf("%d measurements were made", variants)
	}
	if _, variants := i.Kept(http.MethodGet, "/late"); variants != 0 {
		t.Errorf("%d measurements were made late", variants)
	}
}
