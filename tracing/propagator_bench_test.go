// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/propagation"

	"github.com/asynclocal/asynclocal/tracing"
)

// typicalHeader is what a browser behind a proxy sends, with fields added.
func typicalHeader(fields map[string]string) propagation.HeaderCarrier {
	h := http.Header{}
	for _, name := range []string{
		"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Content-Length",
		"Content-Type", "Cookie", "User-Agent", "X-Forwarded-For", "X-Request-Id",
	} {
		h.Set(name, "some value")
	}
	for name, value := range fields {
		h.Set(name, value)
	}
	return propagation.HeaderCarrier(h)
}

var incoming = []struct {
	name   string
	fields map[string]string
}{
	{"nothing", nil},
	{"traceparent", map[string]string{"traceparent": sampled}},
	{"tracestate", map[string]string{"traceparent": sampled, "tracestate": "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"}},
	{"baggage", map[string]string{"traceparent": sampled, "baggage": "user=alice,tenant=acme"}},
}

// BenchmarkExtract and BenchmarkInject run ours beside the pair of OpenTelemetry propagators it replaces.
func BenchmarkExtract(b *testing.B) {
	for _, in := range incoming {
		carrier := typicalHeader(in.fields)
		for name, p := range rivals() {
			b.Run(in.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					p.Extract(context.Background(), carrier)
				}
			})
		}
	}
}

func BenchmarkInject(b *testing.B) {
	for _, in := range incoming[1:] {
		ctx := extract(typicalHeader(in.fields))
		for name, p := range rivals() {
			b.Run(in.name+"/"+name, func(b *testing.B) {
				carrier := typicalHeader(nil)
				b.ReportAllocs()
				for b.Loop() {
					p.Inject(ctx, carrier)
				}
			})
		}
	}
}

// BenchmarkExtractHostileBaggage is 8192 bytes of what costs most to refuse.
func BenchmarkExtractHostileBaggage(b *testing.B) {
	for name, p := range rivals() {
		b.Run(name, func(b *testing.B) {
			carrier := typicalHeader(map[string]string{"baggage": repeat("=,", 4096)})
			b.ReportAllocs()
			for b.Loop() {
				p.Extract(context.Background(), carrier)
			}
		})
	}
}

func rivals() map[string]propagation.TextMapPropagator {
	return map[string]propagation.TextMapPropagator{
		"ours": tracing.Propagator(),
		"otel": propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
	}
}

// The two allocations of an extraction are the context and the span in it.
func TestPropagatorAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	p := tracing.Propagator()
	out := typicalHeader(nil)
	plain := propagation.MapCarrier{"traceparent": sampled, "x-request-id": "r1"}
	withParent := typicalHeader(incoming[1].fields)
	ctx := p.Extract(context.Background(), withParent)
	for name, c := range map[string]struct {
		want float64
		f    func()
	}{
		"extract nothing":              {0, func() { p.Extract(context.Background(), out) }},
		"extract a traceparent":        {2, func() { p.Extract(context.Background(), withParent) }},
		"extract one from a plain map": {2, func() { p.Extract(context.Background(), plain) }},
		"inject a traceparent":         {2, func() { p.Inject(ctx, withParent) }},
	} {
		if got := testing.AllocsPerRun(100, c.f); got > c.want {
			t.Errorf("%s allocates %v times, want %v", name, got, c.want)
		}
	}
}
