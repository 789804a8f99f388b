// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/tracing"
)

func TestServerTimingSaysATraceparent(t *testing.T) {
	t.Parallel()
	remote := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 15: 0xfe}, SpanID: trace.SpanID{2, 7: 0x0d}, TraceFlags: 3,
	})
	tp := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample()))
	ctx := trace.ContextWithSpanContext(t.Context(), remote)
	_, bare := tp.Tracer("t").Start(ctx, "bare")
	_, wrapped := tracing.Wrap(tp).Tracer("t").Start(ctx, "wrapped")
	defer bare.End()
	defer wrapped.End()
	id := func(s trace.Span) string { return s.SpanContext().SpanID().String() }
	const traceID = "010000000000000000000000000000fe"
	for name, tt := range map[string]struct {
		span trace.Span
		want string
	}{
		"of a span of Wrap's":   {wrapped, "trace;desc=00-" + traceID + "-" + id(wrapped) + "-03"},
		"of another's":          {bare, "trace;desc=00-" + traceID + "-" + id(bare) + "-03"},
		"of a remote one":       {trace.SpanFromContext(ctx), "trace;desc=00-" + traceID + "-020000000000000d-03"},
		"of one that is none":   {noop.Span{}, ""},
		"of the span of no ctx": {trace.SpanFromContext(context.Background()), ""},
		"of nil":                {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 {
				if got := tracing.ServerTiming(tt.span); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			}
		})
	}
}
