// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/jobs"
	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

var tenant = store.New("tenant", "")

func init() { jobs.Register(tenant, "tenant", jobs.Text[string]()) }

// seen is what a job knows of the request that enqueued it.
type seen struct {
	requestID, name, tenant string
	trace                   trace.TraceID
	data                    string
}

func look(ctx context.Context, job *natsjobs.Job) seen {
	r, _ := store.CurrentFrom(ctx)
	whose, _ := tenant.From(ctx)
	return seen{r.ID(), r.Name(), whose, trace.SpanContextFromContext(ctx).TraceID(), string(job.Data)}
}

func TestAJobKnowsTheRequestThatEnqueuedIt(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("the handler here takes nothing from its ctx")
	}
	spans, tp := recorder()
	q := open(t, broker(t), natsjobs.WithTracerProvider(tp))
	got := make(chan seen, 1)
	work(t, q, natsjobs.Handlers{"greet": func(_ context.Context, job *natsjobs.Job) error {
		got <- look(store.Context(), job) // what the goroutine has
		return nil
	}})

	store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
		tenant.Run("acme", func() {
			_, span := tracing.Wrap(tp).Tracer("test").Start(ctx, "POST /orders")
			defer span.End()
			// A bare goroutine with no ctx at hand: everything is ambient.
			done := make(chan error)
			go func() {
				_, err := q.Publish(nil, "greet", []byte("hello"))
				done <- err
			}()
			if err := receive(t, done); err != nil {
				t.Fatal(err)
			}
		})
	})

	have := receive(t, got)
	ended := waitForSpans(t, spans.Ended, 3)
	root, send, process := named(t, ended, "POST /orders"), named(t, ended, "send greet"), named(t, ended, "process greet")
	want := seen{"order-1", "job greet", "acme", root.SpanContext().TraceID(), "hello"}
	if have != want {
		t.Errorf("the job saw %+v, want %+v", have, want)
	}
	if send.Parent().SpanID() != root.SpanContext().SpanID() || process.Parent().SpanID() != send.SpanContext().SpanID() {
		t.Error("want the spans in a row: request, send, process")
	}
	if send.SpanKind() != trace.SpanKindProducer || process.SpanKind() != trace.SpanKindConsumer {
		t.Errorf("kinds are %v and %v", send.SpanKind(), process.SpanKind())
	}
	for _, s := range []sdktrace.ReadOnlySpan{send, process} {
		has(t, s, "messaging.system", "nats")
		has(t, s, "messaging.destination.name", "jobs.greet")
		has(t, s, "request.id", "order-1")
	}
	has(t, process, "messaging.operation.type", "process")
	has(t, process, "messaging.consumer.group.name", "workers")
}

func TestAnEnqueuerMayAskForALink(t *testing.T) {
	t.Parallel()
	spans, tp := recorder()
	q := open(t, broker(t), natsjobs.WithTracerProvider(tp))
	got := make(chan struct{}, 1)
	work(t, q, natsjobs.Handlers{"report": func(context.Context, *natsjobs.Job) error {
		got <- struct{}{}
		return nil
	}})
	if _, err := q.Publish(t.Context(), "report", nil, natsjobs.AsLink()); err != nil {
		t.Fatal(err)
	}
	receive(t, got)
	ended := waitForSpans(t, spans.Ended, 2)
	send, process := named(t, ended, "send report"), named(t, ended, "process report")
	if process.Parent().IsValid() || process.SpanContext().TraceID() == send.SpanContext().TraceID() {
		t.Error("want the job in a trace of its own")
	}
	if l := process.Links(); len(l) != 1 || l[0].SpanContext.SpanID() != send.SpanContext().SpanID() {
		t.Errorf("want one link, to the enqueuing span, have %v", l)
	}
}

func has(t *testing.T, s sdktrace.ReadOnlySpan, key attribute.Key, want string) {
	t.Helper()
	for _, a := range s.Attributes() {
		if a.Key == key {
			if a.Value.AsString() != want {
				t.Errorf("%s: %s is %q, want %q", s.Name(), key, a.Value.AsString(), want)
			}
			return
		}
	}
	t.Errorf("%s: no %s", s.Name(), key)
}
