// SPDX-License-Identifier: Apache-2.0

// Package propagatortest has a propagator that stands for another tracer's, for tests of code that
// reads and passes on the global one: jobs and their adapters.
package propagatortest

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Field is the only header of the propagator, as it writes it; Lower is the same as jobs carry it.
const (
	Field = "X-Theirs"
	Lower = "x-theirs"
)

// Value returns what the propagator writes for a span.
func Value(sc trace.SpanContext) string { return sc.TraceID().String() + sc.SpanID().String() }

// Parent returns a context with a span that jobs are enqueued in, and its trace.
func Parent() (context.Context, trace.SpanContext) {
	sc := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	return trace.ContextWithSpanContext(context.Background(), sc), sc
}

// Speak makes it the global propagator until the test ends, as in programs whose neighbors have
// such a tracer. The test must not be parallel, because global state is shared.
func Speak(t testing.TB) {
	t.Helper()
	otel.SetTextMapPropagator(single{})
	t.Cleanup(func() { otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator()) })
}

// RoundTrip tests an adapter. send enqueues a job in ctx and returns the value of Field that its
// message carries. work handles a message that carries value, and no W3C headers, and returns the
// ctx of its handler.
func RoundTrip(t *testing.T, send func(ctx context.Context) (value string), work func(value string) context.Context) {
	t.Helper()
	Speak(t)
	ctx, want := Parent()
	value := send(ctx)
	if value != Value(want) {
		t.Errorf("the message carries %q, want %q", value, Value(want))
	}
	if got := trace.SpanContextFromContext(work(value)).TraceID(); got != want.TraceID() {
		t.Errorf("the job is of trace %v, want %v", got, want.TraceID())
	}
}

// single is a propagator of one header that is not W3C's.
type single struct{}

func (single) Fields() []string { return []string{Field} }

func (single) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		carrier.Set(Field, Value(sc))
	}
}

func (single) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	const ids = 48
	v := carrier.Get(Field)
	if len(v) != ids {
		return ctx
	}
	traceID, _ := trace.TraceIDFromHex(v[:32])
	spanID, _ := trace.SpanIDFromHex(v[32:])
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID}))
}
