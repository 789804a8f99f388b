// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package bill_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// What a bill allocates for a span, of an unsampled one, and that it is nothing where there is none.
func TestAllocationsOfABill(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	tests := []struct {
		name string
		opts []trace.SpanStartOption
		want float64
	}{
		{"a span without options", nil, 0},
		{"one with attributes", []trace.SpanStartOption{with(get)}, 1},
		{"a statement", []trace.SpanStartOption{client, with(sqlite, query)}, 2},
		{"a call", []trace.SpanStartOption{client, with(get)}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			measure := func(opts ...tracing.Option) (n float64) {
				tracer := tracing.Wrap(provider, opts...).Tracer("x")
				store.NewRequest("").Run(bg(), func(ctx context.Context) {
					n = testing.AllocsPerRun(200, func() {
						_, s := tracer.Start(ctx, "x", tt.opts...)
						s.End()
					})
				})
				return n
			}
			without := measure()
			if more := measure(tracing.WithBill()) - without; more > tt.want {
				t.Errorf("%v allocations more than %v, want at most %v", more, without, tt.want)
			}
		})
	}
}

func BenchmarkStatement(b *testing.B) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	for name, opts := range map[string][]tracing.Option{"without": nil, "bill": {tracing.WithBill()}} {
		b.Run(name, func(b *testing.B) {
			tracer := tracing.Wrap(provider, opts...).Tracer("x")
			b.ReportAllocs()
			store.NewRequest("").Run(bg(), func(ctx context.Context) {
				for b.Loop() {
					_, s := tracer.Start(ctx, "x", client, with(sqlite, query))
					s.End()
				}
			})
		})
	}
}
