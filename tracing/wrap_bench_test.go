// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// providers are the cases of the costs: what is wrapped, alone.
func providers(tb testing.TB) map[string]trace.TracerProvider {
	exported := sdktrace.NewTracerProvider(sdktrace.WithBatcher(tracetest.NewNoopExporter()))
	tb.Cleanup(func() { _ = exported.Shutdown(bg()) })
	return map[string]trace.TracerProvider{
		"sampled":   sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(discard{})),
		"exported":  exported,
		"unsampled": sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())),
		"noop":      noop.NewTracerProvider(),
	}
}

type discard struct{}

func (discard) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (discard) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (discard) Shutdown(context.Context) error                  { return nil }
func (discard) ForceFlush(context.Context) error                { return nil }

// BenchmarkStartEnd measures the wrapped provider beside the bare one, in turns, so
// that what else the machine does hits both: the lower quartile of many short
// rounds each, and what wrapping adds.
func BenchmarkStartEnd(b *testing.B) {
	for name, tp := range providers(b) {
		b.Run(name, func(b *testing.B) {
			bare, wrapped := starter(b, tp), starter(b, tracing.Wrap(tp))
			beside(b, bare, wrapped)
		})
	}
}

func starter(b *testing.B, tp trace.TracerProvider) func() {
	t := tp.Tracer("bench")
	ctx, parent := t.Start(b.Context(), "parent")
	b.Cleanup(func() { parent.End() })
	return func() {
		_, s := t.Start(ctx, "span")
		s.End()
	}
}

// BenchmarkServerSpan is BenchmarkStartEnd for a span as servers start it, with ten
// attributes and two more at its end, and the request's id by hand where it is bare.
func BenchmarkServerSpan(b *testing.B) {
	tp := providers(b)["exported"]
	attributes := make([]attribute.KeyValue, 10)
	for i := range attributes {
		attributes[i] = attribute.Int("attribute."+string(rune('a'+i)), i)
	}
	store.NewRequest("id").Run(b.Context(), func(ctx context.Context) {
		serve := func(t trace.Tracer, attributes []attribute.KeyValue) func() {
			ctx, parent := t.Start(ctx, "parent")
			b.Cleanup(func() { parent.End() })
			opts := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attributes...)}
			return func() {
				_, s := t.Start(ctx, "GET /orders/:id", opts...)
				s.SetAttributes(attribute.Int("http.response.status_code", 200), attribute.String("network.protocol.version", "1.1"))
				s.End()
			}
		}
		byHand := append(slices.Clone(attributes), attribute.String("request.id", "id"))
		beside(b, serve(tp.Tracer("bench"), byHand), serve(tracing.Wrap(tp).Tracer("bench"), attributes))
	})
}

const round = 256

func beside(b *testing.B, bare, wrapped func()) {
	var t [2][]time.Duration
	for b.Loop() {
		for i, f := range []func(){bare, wrapped} {
			start := time.Now()
			for range round {
				f()
			}
			t[i] = append(t[i], time.Since(start)/round)
		}
	}
	var quartile [2]float64
	for i := range t {
		slices.Sort(t[i])
		quartile[i] = float64(t[i][len(t[i])/4])
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quartile[0], "bare-ns")
	b.ReportMetric(quartile[1], "wrapped-ns")
	b.ReportMetric(quartile[1]-quartile[0], "added-ns")
}
