// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// What was bound in a request's span starts children of that long after the request is
// released, though by then nothing that was merely inherited leads to it.
func TestBoundWorkThatIsRunAfterTheLingerContinuesTheTraceOfItsRequest(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	for name, tt := range map[string]struct {
		spans func(r recording, run func(ctx context.Context))
		// late is the parent where the request's span is itself ended after the release.
		late string
	}{
		"bound in the request's span": {func(_ recording, run func(context.Context)) { run(bg()) }, "request"},
		"bound in a span inside": {func(r recording, run func(context.Context)) {
			ctx, s := r.Start(bg(), "inside")
			defer s.End()
			run(ctx)
		}, "inside"},
		"bound in a Run in a span inside": {func(r recording, run func(context.Context)) {
			ctx, s := r.Start(bg(), "inside")
			defer s.End()
			store.New("s", 0).Run(1, func() { run(ctx) })
		}, "inside"},
	} {
		for kind, request := range map[string]func(r recording, request *store.Request, f func()){
			"a server's": func(r recording, request *store.Request, f func()) {
				ctx, s := tracing.StartRequest(bg(), r.Tracer, request, "request")
				defer s.End()
				request.Run(ctx, func(context.Context) { f() })
			},
			"one of the request's own": func(r recording, request *store.Request, f func()) {
				request.Run(bg(), func(context.Context) {
					_, s := r.Start(bg(), "request")
					defer s.End()
					f()
				})
			},
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				r, q := record(), store.NewRequest("r")
				q.SetLinger(0)
				var bound func()
				var kept store.Snapshot
				stop := make(chan struct{})
				defer close(stop)
				child := func(name string) func() {
					return func() { _, s := r.Start(bg(), name); s.End() }
				}
				request(r, q, func() {
					tt.spans(r, func(context.Context) {
						go func() { <-stop }() // what inherits keeps the record, and must not keep more
						bound, kept = store.Bind(child("bound")), store.Capture()
					})
				})
				runtime.GC()
				bound()
				_, s := r.Start(kept.Context(bg()), "explicit")
				s.End()
				want := "request"
				if kind == "a server's" {
					want = tt.late
				}
				if got := r.parents(); got["bound"] != want || got["explicit"] != "request" {
					t.Errorf("parents: %v, want %s and request", got, want)
				}
			})
		}
	}
}

// After the release, bound work of many spans continues the request's span, or its own if the
// request does not know that as a span of its own: in no case a span that other bound work has
// started since.
func TestBoundWorkOfManySpansIsNotUnderOtherBoundWork(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	for name := range opened(record()) {
		for _, n := range []int{2, 100} { // more than a request knows that have ended
			t.Run(fmt.Sprint(name, ", ", n), func(t *testing.T) {
				r, q := record(), store.NewRequest("")
				q.SetLinger(0)
				ctx, own := opened(r)[name](q)
				type work struct {
					f    func()
					span trace.Span
				}
				var list []work
				child := func() { _, s := r.Start(bg(), "late"); s.End() }
				q.Run(ctx, func(context.Context) {
					for range n {
						_, s := r.Start(bg(), "inside")
						list = append(list, work{store.Bind(child), s})
						s.End()
					}
					list = append(list, work{store.Bind(child), own})
				})
				own.End()
				for i, w := range list {
					want := idOf(own)
					if name == "a span of a bare provider" {
						want = idOf(w.span)
					}
					for range 2 {
						w.f()
						ended := r.spans.Ended()
						if got := ended[len(ended)-1].Parent().SpanID(); got != want {
							t.Errorf("number %d is under %s, want %s", i, got, want)
						}
					}
				}
			})
		}
	}
}
