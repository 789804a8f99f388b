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

// Goroutines that have inherited the same frame start spans over it and set Storages
// over it at the same time, at the depth where spans begin to be forgotten: for the
// race detector.
func TestGoroutinesThatNestSpansAndRunsOverTheSameFrameDoNotRace(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	tracer, s := provider(sdktrace.WithSampler(sdktrace.NeverSample())).Tracer("test"), store.New("s", 0)
	for range 20 {
		store.NewRequest("").Run(bg(), func(context.Context) {
			s.Run(1, func() {
				for depth := range 140 {
					_, shared := tracer.Start(bg(), "shared")
					defer shared.End() //nolint:gocritic // they end together
					if depth > 120 {
						overTheSame(t, tracer, s)
					}
				}
			})
		})
	}
}

func overTheSame(t *testing.T, tracer trace.Tracer, s *store.Storage[int]) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for i := range 4 {
		wg.Go(func() { s.Run(i, func() { _ = tracing.Span() }) })
		wg.Go(func() {
			_, span := tracer.Start(bg(), "nested")
			defer span.End()
			if got := s.Get(); got != 1 {
				t.Errorf("read %d", got)
			}
		})
	}
}
