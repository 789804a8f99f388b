// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/tracing"
)

// providers are the cases of the costs: what is wrapped, alone.
func providers() map[string]trace.TracerProvider {
	return map[string]trace.TracerProvider{
		"sampled":   sdktrace.NewTracerProvider(),
		"unsampled": sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())),
		"noop":      noop.NewTracerProvider(),
	}
}

func BenchmarkStartEnd(b *testing.B) {
	for name, tp := range providers() {
		b.Run(name+"/bare", func(b *testing.B) { startEnd(b, tp.Tracer("bench")) })
		b.Run(name+"/wrapped", func(b *testing.B) { startEnd(b, tracing.Wrap(tp).Tracer("bench")) })
	}
}

func startEnd(b *testing.B, t trace.Tracer) {
	ctx, parent := t.Start(b.Context(), "parent")
	defer parent.End()
	b.ReportAllocs()
	for b.Loop() {
		_, s := t.Start(ctx, "span")
		s.End()
	}
}
