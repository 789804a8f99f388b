// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"reflect"
	"slices"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/tracing"
)

// ScopeName is the instrumentation scope of the jobs' spans.
const ScopeName = "github.com/asynclocal/asynclocal/jobs"

// relate makes the span that ctx carries the parent of the job's, or a link, and
// adds the links of the batch.
func (w *work) relate(ctx context.Context, carrier Carrier) context.Context {
	relation, _ := value(carrier, RelationKey)
	remote := trace.SpanContextFromContext(ctx)
	if w.link || w.public || relation == relationLink {
		w.addLink(remote)
		w.start = append(w.start, trace.WithNewRoot())
		ctx = trace.ContextWithSpan(ctx, nil)
	}
	for _, c := range w.batch {
		other := w.propagator.Extract(context.Background(), textMap(c))
		w.addLink(trace.SpanContextFromContext(other))
	}
	return ctx
}

func (w *work) addLink(sc trace.SpanContext) {
	if sc.IsValid() {
		w.start = append(w.start, trace.WithLinks(trace.Link{SpanContext: sc}))
	}
}

// startSpan starts the consumer span.
func (w *work) startSpan(ctx context.Context, t trace.Tracer) context.Context {
	w.start = append(w.start,
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(semconv.MessagingOperationName("process"), semconv.MessagingOperationTypeProcess),
		trace.WithAttributes(w.attributes...))
	ctx, w.span = tracing.StartRequest(ctx, t, w.request, "process "+w.name, w.start...)
	return ctx
}

// clip keeps appends from writing into what other jobs have.
func (c *config) clip() {
	c.attributes = slices.Clip(c.attributes)
	c.fields = slices.Clip(c.fields)
	c.batch = slices.Clip(c.batch)
}

// tracer makes its Tracer when it is first needed and, where the provider is the
// global one, again whenever that is another.
type tracer struct {
	fixed trace.TracerProvider
	last  atomic.Pointer[provided]
}

type provided struct {
	provider trace.TracerProvider
	tracer   trace.Tracer
}

func (t *tracer) get() trace.Tracer {
	p := t.fixed
	if p == nil {
		p = otel.GetTracerProvider()
	}
	if last := t.last.Load(); last != nil && same(last.provider, p) {
		return last.tracer
	}
	now := &provided{p, tracing.Follow(p).Tracer(ScopeName,
		trace.WithInstrumentationVersion(asynclocal.Version), trace.WithSchemaURL(semconv.SchemaURL))}
	t.last.Store(now)
	return now.tracer
}

// same compares without the panic that a provider of an incomparable type causes.
func same(a, b trace.TracerProvider) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.TypeOf(a).Comparable() && a == b
}
