// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

const here = "github.com/asynclocal/asynclocal/middleware/adapter_test"

// A server is a framework whose middleware is entered by the functions of this file: it asks
// what has called it when its handler has returned, or has panicked.
type server struct {
	adapter.Exchange
	caller    *adapter.Caller
	handler   func()
	outermost bool
}

func (s *server) ServeHTTP(http.ResponseWriter, *http.Request) {
	s.handler()
	s.outermost = s.caller.Outermost()
}

func (s *server) Unwind(o adapter.Outcome) {
	s.outermost = s.caller.Outermost()
	s.Finish(s.Incoming(), o)
}

//go:noinline
func (s *server) enter() { s.run() }

//go:noinline
func (s *server) run() {
	s.Run(adapter.New(adapter.Scope{Name: "test"}, nil), httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), adapter.Inbound{}, s)
}

func recovers(f func()) {
	defer func() { _ = recover() }()
	f()
}

// What has called the middleware is found in the stack, however deep a panic has left it.
func TestWhatHasCalledTheMiddlewareIsFound(t *testing.T) {
	t.Parallel()
	var deep func(n int)
	deep = func(n int) {
		if n == 0 {
			panic("boom")
		}
		deep(n - 1)
	}
	for name, tt := range map[string]struct {
		entry   string
		handler func()
		want    bool
	}{
		"the framework":                          {"(*server).enter", func() {}, true},
		"the framework, and the handler panics":  {"(*server).enter", func() { deep(3) }, true},
		"the framework, and the panic is deep":   {"(*server).enter", func() { deep(500) }, true},
		"something else":                         {"(*server).other", func() {}, false},
		"something else, and the handler panics": {"(*server).other", func() { deep(3) }, false},
		"something else, and the panic is deep":  {"(*server).other", func() { deep(500) }, false},
		"the framework, with a request in the hands": {"(*server).enter", func() {
			inner := &server{caller: adapter.NewCaller(here, "(*server).enter", "example.com/none"), handler: func() { deep(3) }}
			inner.enter()
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{caller: adapter.NewCaller(here, tt.entry, "example.com/none"), handler: tt.handler}
			recovers(s.enter)
			if s.outermost != tt.want {
				t.Errorf("outermost: %v", s.outermost)
			}
		})
	}
}

func TestACallerIsLookedUpOnce(t *testing.T) {
	t.Parallel()
	caller := adapter.NewCaller(here, "(*server).enter", "example.com/none")
	for range 3 {
		(&server{caller: caller, handler: func() {}}).enter()
	}
	if n := caller.Remembered(); n != 1 {
		t.Errorf("%d stacks are remembered", n)
	}
}
