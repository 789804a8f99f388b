// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func idOf(s trace.Span) trace.SpanID { return s.SpanContext().SpanID() }

// nest starts more spans inside each other than are known.
func nest(r recording) (list []trace.Span) {
	for range 200 {
		_, s := r.Start(bg(), "inside")
		list = append(list, s)
	}
	return list
}

// opened is how a request comes to its span.
func opened(r recording) map[string]func(q *store.Request) (context.Context, trace.Span) {
	return map[string]func(q *store.Request) (context.Context, trace.Span){
		"a span started for it": func(q *store.Request) (context.Context, trace.Span) {
			return tracing.StartRequest(bg(), r.Tracer, q, "request")
		},
		"a span of a wrapped provider": func(*store.Request) (context.Context, trace.Span) {
			return r.Start(bg(), "request")
		},
		"a span of a bare provider": func(*store.Request) (context.Context, trace.Span) {
			return r.sdk.Tracer("bare").Start(bg(), "request")
		},
	}
}

func TestTheRequestSpanIsFoundFromAnywhereBelowIt(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	s := store.New("s", 0)
	places := map[string]func(r recording, ctx context.Context, check func()){
		"at once":  func(_ recording, _ context.Context, check func()) { check() },
		"in a Run": func(_ recording, _ context.Context, check func()) { s.Run(1, check) },
		"in a span": func(r recording, _ context.Context, check func()) {
			_, s := r.Start(bg(), "inside")
			defer s.End()
			check()
		},
		"in the root of another trace": func(r recording, _ context.Context, check func()) {
			_, s := r.Start(bg(), "inside", trace.WithNewRoot())
			defer s.End()
			check()
		},
		"below spans that have ended": func(r recording, _ context.Context, check func()) {
			spans := nest(r)
			for _, s := range spans[1:] {
				s.End()
			}
			check()
			spans[0].End()
		},
		"below more spans than are known": func(r recording, _ context.Context, check func()) {
			spans := nest(r)
			check()
			for _, s := range spans {
				s.End()
			}
		},
		"in a goroutine": func(_ recording, _ context.Context, check func()) {
			var wg sync.WaitGroup
			wg.Go(check)
			wg.Wait()
		},
		"in bound work, in a span": func(r recording, _ context.Context, check func()) {
			_, s := r.Start(bg(), "inside")
			defer s.End()
			done := make(chan struct{})
			store.Go(func() { defer close(done); check() })
			<-done
		},
		"in a ctx that was made ambient": func(_ recording, ctx context.Context, check func()) {
			store.Exit(func() { store.RunContext(ctx, func(context.Context) { check() }) })
		},
	}
	for place, at := range places {
		r := record()
		for kind, open := range opened(r) {
			t.Run(place+", "+kind, func(t *testing.T) {
				q := store.NewRequest("")
				ctx, own := open(q)
				defer own.End()
				checked := false
				q.Run(ctx, func(ctx context.Context) {
					at(r, ctx, func() {
						checked = true
						for how, got := range map[string]trace.Span{
							"RequestSpan": tracing.RequestSpan(), "RequestSpanFrom(ctx)": tracing.RequestSpanFrom(ctx),
							"RequestSpanFrom(nil)":        tracing.RequestSpanFrom(nil),
							"RequestSpanFrom(Background)": tracing.RequestSpanFrom(bg()),
						} {
							if idOf(got) != idOf(own) || !got.IsRecording() {
								t.Errorf("%s: span %v, recording %v; want %v, recording", how, idOf(got), got.IsRecording(), idOf(own))
							}
						}
					})
				})
				if !checked {
					t.Error("nothing was checked")
				}
			})
		}
	}
}

// Nothing of a span but its ids is there for what goes on when the request has ended, and
// nothing at all when it has expired.
func TestOfTheRequestSpanTheIDsRemain(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	for kind, open := range opened(record()) {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := store.NewRequest("")
				ctx, own := open(q)
				sc := own.SpanContext()
				ask, answer := make(chan bool), make(chan trace.Span)
				answers := func() {
					for range ask {
						answer <- tracing.RequestSpan()
					}
				}
				var bound func()
				var kept store.Snapshot
				q.Run(ctx, func(context.Context) {
					go answers()
					var span trace.Span
					bound = store.Bind(func() { span = tracing.RequestSpan() })
					bind := bound
					bound = func() {
						bind()
						if idOf(span) != sc.SpanID() || span.IsRecording() {
							t.Errorf("bound work has %v, recording %v", span.SpanContext(), span.IsRecording())
						}
					}
					kept = store.Capture()
				})
				own.End()
				ask <- true
				if got := <-answer; idOf(got) != sc.SpanID() || got.SpanContext().TraceID() != sc.TraceID() ||
					got.SpanContext().TraceFlags() != sc.TraceFlags() || got.IsRecording() {
					t.Errorf("after the end: %v, recording %v; want %v", got.SpanContext(), got.IsRecording(), sc)
				}
				bound()
				time.Sleep(time.Hour)
				ask <- true
				if got := <-answer; got.SpanContext().IsValid() {
					t.Errorf("after the linger: %v", got.SpanContext())
				}
				bound()
				if got := tracing.RequestSpanFrom(kept.Context(bg())); idOf(got) != sc.SpanID() {
					t.Errorf("a ctx that was kept has %v", got.SpanContext())
				}
				close(ask)
			})
		})
	}
}

func TestWithoutASpanOfTheRequestsThereIsOneThatDoesNothing(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	nothing := func(t *testing.T, where string, ctx context.Context) {
		t.Helper()
		for how, s := range map[string]trace.Span{"RequestSpan": tracing.RequestSpan(), "RequestSpanFrom": tracing.RequestSpanFrom(ctx)} {
			if s == nil || s.SpanContext().IsValid() || s.IsRecording() {
				t.Errorf("%s: %s is %v", where, how, s)
			}
		}
	}
	nothing(t, "outside", bg())
	remote := trace.ContextWithRemoteSpanContext(bg(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	for name, ctx := range map[string]context.Context{"no span": bg(), "a remote one": remote} {
		store.NewRequest("").Run(ctx, func(ctx context.Context) { nothing(t, name, ctx) })
	}
	off := tracing.Wrap(noop.NewTracerProvider()).Tracer("")
	q := store.NewRequest("")
	ctx, _ := tracing.StartRequest(remote, off, q, "request")
	q.Run(ctx, func(ctx context.Context) { nothing(t, "a provider that does nothing", ctx) })

	outside, s := r.Start(bg(), "in no request")
	defer s.End()
	nothing(t, "in a span, in no request", outside)
	for kind, open := range opened(r) {
		q := store.NewRequest("")
		ctx, own := open(q)
		q.Run(ctx, func(ctx context.Context) {
			_, inside := r.Start(ctx, "inside")
			defer inside.End()
			for name, ctx := range map[string]context.Context{"its ctx": ctx, "no ctx": bg()} {
				store.NewRequest("").Run(ctx, func(ctx context.Context) { nothing(t, "a request inside of one with "+kind+", with "+name, ctx) })
			}
			store.Exit(func() { nothing(t, "in Exit", bg()) })
		})
		own.End()
	}
}

// A server's instrumentation that starts its span in the request, and knows nothing of it.
func TestARequestWithoutASpanHasTheOutermostThatIsStartedInIt(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	outer := store.NewRequest("outer")
	ctx, s := tracing.StartRequest(bg(), r.Tracer, outer, "outer")
	defer s.End()
	outer.Run(ctx, func(outside context.Context) {
		for name, over := range map[string]context.Context{"over the ctx of another": outside, "over none": bg()} {
			store.NewRequest("inner").Run(over, func(context.Context) {
				ctx, first := r.Start(bg(), "first")
				_, second := r.Start(bg(), "second")
				want := func(where string, ctx context.Context) {
					t.Helper()
					if a, b := tracing.RequestSpan(), tracing.RequestSpanFrom(ctx); idOf(a) != idOf(first) || idOf(b) != idOf(first) {
						t.Errorf("%s, %s: %v and %v, want %v", name, where, idOf(a), idOf(b), idOf(first))
					}
				}
				want("in both", ctx)
				if over == bg() {
					first.End()
					want("when it has ended", ctx)
				}
				second.End()
				first.End()
				if got := tracing.RequestSpanFrom(outside); idOf(got) != idOf(s) {
					t.Errorf("%s, with the ctx of the request outside: %v, want %v", name, idOf(got), idOf(s))
				}
			})
		}
	})
}

func TestEachRequestHasItsOwnSpan(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	a, b := store.NewRequest("a"), store.NewRequest("b")
	ctxA, spanA := tracing.StartRequest(bg(), r.Tracer, a, "a")
	a.Run(ctxA, func(inA context.Context) {
		ctxB, spanB := tracing.StartRequest(inA, r.Tracer, b, "b")
		b.Run(ctxB, func(inB context.Context) {
			_, s := r.Start(inA, "in b with the ctx of a")
			defer s.End()
			for name, tt := range map[string]struct{ got, want trace.Span }{
				"ambient": {tracing.RequestSpan(), spanB}, "of b": {tracing.RequestSpanFrom(inB), spanB}, "of a": {tracing.RequestSpanFrom(inA), spanA},
			} {
				if idOf(tt.got) != idOf(tt.want) {
					t.Errorf("%s: %v, want %v", name, idOf(tt.got), idOf(tt.want))
				}
			}
		})
		spanB.End()
		if got := tracing.RequestSpan(); idOf(got) != idOf(spanA) {
			t.Errorf("after the inner request: %v, want %v", idOf(got), idOf(spanA))
		}
	})
	ctxA, again := tracing.StartRequest(bg(), r.Tracer, a, "a, again")
	a.Run(ctxA, func(context.Context) {
		if got := tracing.RequestSpan(); idOf(got) != idOf(again) || !got.IsRecording() {
			t.Errorf("in a second run: %v, want %v", idOf(got), idOf(again))
		}
		a.Run(bg(), func(context.Context) {
			if got := tracing.RequestSpan(); idOf(got) != idOf(again) {
				t.Errorf("in a run inside: %v, want %v", idOf(got), idOf(again))
			}
		})
	})
	again.End()
	spanA.End()
}

func TestRequestSpansOfManyRequestsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			q := store.NewRequest(fmt.Sprint(i))
			ctx, own := tracing.StartRequest(bg(), r.Tracer, q, "request")
			defer own.End()
			q.Run(ctx, func(context.Context) {
				for range 8 {
					wg.Go(func() {
						_, s := r.Start(bg(), "inside")
						defer s.End()
						if got := tracing.RequestSpan(); got.SpanContext().TraceID() != own.SpanContext().TraceID() {
							t.Errorf("request %d has %v", i, got.SpanContext())
						}
					})
				}
			})
		})
	}
	wg.Wait()
}

func TestTheRequestSpanTakesNoAllocation(t *testing.T) {
	needAmbient(t)
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	r, q := record(), store.NewRequest("")
	ctx, own := tracing.StartRequest(bg(), r.Tracer, q, "request")
	defer own.End()
	q.Run(ctx, func(ctx context.Context) {
		if n := testing.AllocsPerRun(100, func() { tracing.RequestSpan(); tracing.RequestSpanFrom(ctx) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
