// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"testing"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

// single is a propagator of one header that is not W3C's: another tracer's.
type single struct{}

func (single) Fields() []string { return []string{"X-Theirs"} }

func (single) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		carrier.Set("X-Theirs", sc.TraceID().String()+sc.SpanID().String())
	}
}

func (single) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	const ids = 48
	v := carrier.Get("X-Theirs")
	if len(v) != ids {
		return ctx
	}
	traceID, _ := trace.TraceIDFromHex(v[:32])
	spanID, _ := trace.SpanIDFromHex(v[32:])
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID, SpanID: spanID}))
}

// speak makes it the global one, as programs do whose neighbors have such a tracer.
func speak(t *testing.T) {
	t.Helper()
	otel.SetTextMapPropagator(single{})
	t.Cleanup(func() { otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator()) })
}

// It is not parallel: what is global is.
func TestTheGlobalPropagatorIsHeardOnNATS(t *testing.T) {
	speak(t)
	_, tp := recorder()
	nc := broker(t)
	q := open(t, nc, natsjobs.WithTracerProvider(tp))
	type trip struct {
		trace  trace.TraceID
		header nats.Header
	}
	got := make(chan trip, 1)
	work(t, q, natsjobs.Handlers{"greet": func(ctx context.Context, job *natsjobs.Job) error {
		got <- trip{trace.SpanContextFromContext(ctx).TraceID(), job.Header}
		return nil
	}})
	ctx, span := tp.Tracer("test").Start(context.Background(), "POST /orders")
	defer span.End()
	if _, err := q.Publish(ctx, "greet", nil); err != nil {
		t.Fatal(err)
	}
	if j := receive(t, got); j.trace != span.SpanContext().TraceID() || len(j.header["x-theirs"]) != 1 {
		t.Errorf("trace %v with headers %v, want %v", j.trace, j.header, span.SpanContext().TraceID())
	}
}
