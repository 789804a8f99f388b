// SPDX-License-Identifier: Apache-2.0

package blackbox_test

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/blackbox"
)

// A request of ten spans with three attributes each: what one costs.
const spansOfARequest = 10

var attributes = trace.WithAttributes(attribute.String("db.system.name", "sqlite"), attribute.String("db.query.text", "SELECT 1"), attribute.Int("n", 7))

func oneRequest(t trace.Tracer) {
	ctx, root := t.Start(bg(), "request")
	for range spansOfARequest - 1 {
		_, s := t.Start(ctx, "query", attributes)
		s.End()
	}
	root.End()
}

func providers(tb testing.TB) (plain, boxed trace.Tracer) {
	never := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	box := blackbox.New(sdktrace.NewBatchSpanProcessor(tracetest.NewNoopExporter()))
	kept := sdktrace.NewTracerProvider(sdktrace.WithSampler(box.Sampler(nil)), sdktrace.WithSpanProcessor(box))
	tb.Cleanup(func() { _ = kept.Shutdown(bg()) })
	return never.Tracer("x"), kept.Tracer("x")
}

// At most three a span over one that is not sampled.
func TestAllocationsOfAKeptSpan(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	plain, boxed := providers(t)
	without := testing.AllocsPerRun(500, func() { oneRequest(plain) })
	with := testing.AllocsPerRun(500, func() { oneRequest(boxed) })
	if more := (with - without) / spansOfARequest; more > 3 {
		t.Errorf("%.2f allocations a span more than %.2f, want at most 3", more, without/spansOfARequest)
	}
}

func BenchmarkSpan(b *testing.B) {
	plain, boxed := providers(b)
	for name, t := range map[string]trace.Tracer{"unsampled": plain, "kept": boxed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N/spansOfARequest + 1 {
				oneRequest(t)
			}
		})
	}
}
