// SPDX-License-Identifier: Apache-2.0

package servertest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// The context of these requests does not end: a span that ends has not waited for an outer
// middleware to recover.
func aPanicThatNothingRecoversIsNotWaitedFor(t *testing.T, f *Framework) {
	t.Parallel()
	skips := f.middleware(t, With("WithSkipper", func(Context) bool { return true }))
	for name, tt := range map[string]struct {
		needs    []Trait
		register func(s Server, ours Middleware)
		spans    int
	}{
		"alone":             {nil, func(s Server, ours Middleware) { s.Use(ours) }, 1},
		"before the router": {[]Trait{Pre}, func(s Server, ours Middleware) { s.Pre(ours) }, 1},
		"twice":             {nil, func(s Server, ours Middleware) { s.Use(ours, ours) }, 1},
		"on both sides of the router": {[]Trait{Pre}, func(s Server, ours Middleware) {
			s.Pre(ours)
			s.Use(ours)
		}, 1},
		"after one that skips the request": {nil, func(s Server, ours Middleware) { s.Use(skips, ours) }, 1},
		"after some that skip the request, also before the router": {[]Trait{Pre}, func(s Server, ours Middleware) {
			s.Pre(skips)
			s.Use(skips, ours)
		}, 1},
		"in a request that a handler has served by itself": {nil, func(s Server, ours Middleware) {
			s.Use(ours)
			s.Handle(http.MethodGet, "/outer", func(c Context) error {
				inner := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(c.Request().Context())
				s.ServeHTTP(httptest.NewRecorder(), inner)
				return nil
			})
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.need(t, tt.needs...)
			tel := NewTelemetry()
			s := f.bare()
			tt.register(s, f.middleware(t, tel.options()...))
			s.Handle(http.MethodGet, "/", Panics("boom"))
			path := "/"
			if tt.spans > 1 {
				path = "/outer"
			}
			if got := recoveredIn(t.Context(), s, path); got != "boom" {
				t.Errorf("panicked with %v", got)
			}
			if got := len(tel.Spans.Ended()); got != tt.spans {
				t.Errorf("%d spans have ended, want %d", got, tt.spans)
			}
		})
	}
}

// The inner of two requests has nothing outside, the outer has: the panic passes both.
func aPanicOfARequestInARequestIsAnsweredOutside(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Awaits)
	tel := NewTelemetry()
	inner, outer := f.bare(), f.Server()
	inner.Use(f.middleware(t, tel.options()...))
	inner.Handle(http.MethodGet, "/", Panics("boom"))
	outer.Use(append(f.parts(t, []Middleware{Recover}), f.middleware(t, tel.options()...))...)
	outer.Handle(http.MethodGet, "/", func(c Context) error {
		inner.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil).WithContext(c.Request().Context()))
		return nil
	})
	w := httptest.NewRecorder()
	ctx, cancel := context.WithCancel(t.Context())
	outer.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
	cancel()
	spans := tel.Ended(t, 2)
	if all := Map(spans[1].Attributes()); w.Code != 500 || all["http.response.status_code"] != int64(500) {
		t.Errorf("answered %d, the span has %v", w.Code, all)
	}
	if status := Map(spans[0].Attributes())["http.response.status_code"]; status != nil {
		t.Errorf("the inner request was answered %v", status)
	}
}

// A stack with another middleware on it is never taken for the framework's alone, however deep a
// panic has left it.
func aPanicIsWaitedForWhereAMiddlewareMayRecover(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Awaits)
	tel := NewTelemetry()
	s := f.Server()
	s.Use(thru, f.middleware(t, tel.options()...))
	s.Handle(http.MethodGet, "/", func(Context) error { return deep(500) })
	if got := recoveredIn(t.Context(), s, "/"); got != "boom" {
		t.Errorf("panicked with %v", got)
	}
	if len(tel.Spans.Ended()) != 0 {
		t.Error("the span has ended: nothing was waited for")
	}
}

func deep(n int) error {
	if n == 0 {
		panic("boom")
	}
	return deep(n - 1)
}

// It is not parallel: the setting is shared by the process.
func aPanicWithNilGoesOn(t *testing.T, f *Framework) {
	t.Setenv("GODEBUG", "panicnil=1")
	tel := NewTelemetry()
	s := f.bare()
	s.Use(f.middleware(t, tel.options()...))
	s.Handle(http.MethodGet, "/", func(Context) error { panic(nil) }) //nolint:govet // that is the point
	if got := recovered(t, s, "/"); got != nil {
		t.Errorf("left with %v", got)
	}
	tel.Ended(t, 1)
}

// A request that a handler serves again is the same request, under the route that serves it.
func aHandlerMayServeAnotherPath(t *testing.T, f *Framework) {
	t.Parallel()
	f.need(t, Reroutes)
	for name, tt := range map[string]struct {
		outside, inside []Middleware
		before, twice   bool
	}{
		"alone":                     {},
		"and Recover inside":        {inside: []Middleware{Recover}},
		"and Recover outside":       {outside: []Middleware{Recover}},
		"before the router":         {before: true},
		"twice":                     {twice: true},
		"inside of a timeout's own": {inside: []Middleware{LongTimeout}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tel := NewTelemetry()
			s := f.Server()
			ours := f.middleware(t, tel.options()...)
			if tt.twice {
				tt.inside = []Middleware{ours}
			}
			(&Outcome{Outside: tt.outside, Inside: tt.inside, Before: tt.before}).register(t, f, s, ours)
			s.Handle(http.MethodGet, "/old/:id", func(c Context) error { return c.Reroute("/new/7") })
			s.Handle(http.MethodGet, "/new/:id", func(c Context) error { return c.String(http.StatusOK, id(t, c)+c.Param("id")) })
			if got := Get(t, Serve(t, s), "/old/1", "X-Request-Id", "abc-"); got.Status != http.StatusOK || got.Body != "abc-7" {
				t.Errorf("answered %d %q", got.Status, got.Body)
			}
			if line := tel.Completion(t, 1)[0]; line["route"] != f.route("/new/:id") || line["path"] != "/old/1" || line["error"] != nil {
				t.Errorf("the completion line is %v", line)
			}
		})
	}
}
