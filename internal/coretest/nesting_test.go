// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// parentOfNext starts a span without a ctx and returns the id of its parent.
func parentOfNext(tracer trace.Tracer) trace.SpanID {
	_, s := tracer.Start(bg(), "next")
	defer s.End()
	return tracing.UnwrapSpan(s).(sdktrace.ReadOnlySpan).Parent().SpanID()
}

// However deep spans are nested, the end of one makes the one around it the parent, at
// least for the innermost 32: how many are kept beyond is not promised.
func TestOfManyNestedSpansTheEndOfTheInnermostMakesTheNextTheParent(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	tracer := provider().Tracer("test")
	for _, n := range []int{2, 127, 128, 129, 130, 200, 500} {
		for place, in := range places(tracer) {
			t.Run(fmt.Sprint(n, " spans ", place), func(t *testing.T) {
				t.Parallel()
				in(func(context.Context) {
					var spans []trace.Span
					for i := range n {
						_, s := tracer.Start(bg(), fmt.Sprint(i))
						spans = append(spans, s)
					}
					for ended := 1; ended < min(n, 33); ended++ {
						spans[n-ended].End()
						if got, want := number(spans, parentOfNext(tracer)), n-ended-1; got != want {
							t.Errorf("after the end of the innermost %d of %d the parent is number %d, want %d", ended, n, got, want)
							break
						}
					}
					for _, s := range spans {
						s.End()
					}
				})
			})
		}
	}
}

func number(spans []trace.Span, id trace.SpanID) int {
	for i, s := range spans {
		if s.SpanContext().SpanID() == id {
			return i
		}
	}
	return -1
}

// places are where a context may be handed on.
func places(tracer trace.Tracer) map[string]func(f func(context.Context)) {
	return map[string]func(f func(context.Context)){
		"outside":      func(f func(context.Context)) { f(bg()) },
		"in a request": func(f func(context.Context)) { store.NewRequest("").Run(bg(), f) },
		"in a span": func(f func(context.Context)) {
			ctx, s := tracer.Start(bg(), "around")
			defer s.End()
			f(ctx)
		},
		"in a request's span": func(f func(context.Context)) {
			store.NewRequest("").Run(bg(), func(ctx context.Context) {
				ctx, s := tracer.Start(ctx, "around")
				defer s.End()
				f(ctx)
			})
		},
	}
}

// The goroutines of a request nest spans deeper than is kept, beside Runs and ends
// of theirs: for the race detector.
func TestManyGoroutinesOfARequestNestSpansDeepWithoutARace(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	tracer, s := provider().Tracer("test"), store.New("s", 0)
	store.NewRequest("").Run(bg(), func(context.Context) {
		ctx, root := tracer.Start(bg(), "root")
		defer root.End()
		s.Run(1, func() {
			for range 120 {
				_, shared := tracer.Start(bg(), "shared")
				defer shared.End()
			}
			var wg sync.WaitGroup
			for i := range 16 {
				wg.Go(func() { nestSpans(t, tracer, s, i, ctx) })
			}
			wg.Wait()
		})
	})
}

func nestSpans(t *testing.T, tracer trace.Tracer, s *store.Storage[int], i int, ctx context.Context) {
	for round := range 4 {
		var spans []trace.Span
		for n := range 40 {
			_, span := tracer.Start(bg(), "nested")
			spans = append(spans, span)
			s.Run(i, func() { await(func() { _ = tracing.Span() }) })
			if n%8 == round {
				s.EnterWith(i)
				_, explicit := tracer.Start(ctx, "explicit")
				defer explicit.End()
			}
		}
		if got := s.Get(); got != i && got != 1 {
			t.Errorf("read %d", got)
		}
		for n := range spans {
			spans[(n+round*7)%len(spans)].End()
		}
	}
}
