// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"testing"

	"github.com/nats-io/nats.go"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/propagatortest"
	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

// It is not parallel: what is global is.
func TestTheGlobalPropagatorIsHeardOnNATS(t *testing.T) {
	propagatortest.Speak(t)
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
	if j := receive(t, got); j.trace != span.SpanContext().TraceID() || len(j.header[propagatortest.Lower]) != 1 {
		t.Errorf("trace %v with headers %v, want %v", j.trace, j.header, span.SpanContext().TraceID())
	}
}
