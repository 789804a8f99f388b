// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// BenchmarkTraceTasks is a call of a bound function, as TraceTasks finds it, beside a span that is
// started by hand.
func BenchmarkTraceTasks(b *testing.B) {
	tracer := tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("test")
	request := store.NewRequest("r1")
	ctx, s := tracing.StartRequest(bg(), tracer, request, "request")
	defer s.End()
	request.Run(ctx, func(ctx context.Context) {
		bound := store.Bind(named)
		run := func(name string, f func()) {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
			})
		}
		run("off", bound)
		run("off, with a span", func() {
			_, s := tracer.Start(ctx, "span")
			bound()
			s.End()
		})
		defer tracing.TraceTasks()()
		run("on", bound)
	})
}
