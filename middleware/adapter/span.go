// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/tracing"
)

// scratch is the memory in which a span's options are put together. A TracerProvider copies
// attributes, as it must because callers reuse slices of options.
type scratch struct {
	attributes tracing.Attributes
	options    []trace.SpanStartOption
	end        [1]trace.SpanEndOption
}

var scratches = sync.Pool{New: func() any {
	return &scratch{
		attributes: tracing.Attributes{List: make([]attribute.KeyValue, 0, 24)},
		options:    make([]trace.SpanStartOption, 0, 8),
	}
}}

// release does not clear the slices, which would cost more than everything else here during a
// garbage collection: the pool drops them soon.
func (s *scratch) release() {
	s.attributes.List, s.options = s.attributes.List[:0], s.options[:0]
	scratches.Put(s)
}

var serverKind = trace.WithSpanKind(trace.SpanKindServer)

func (x *Exchange) startSpan(extra []attribute.KeyValue) {
	s := scratches.Get().(*scratch)
	defer s.release()
	ctx, link := x.extract()
	s.options = append(s.options, serverKind)
	if x.inst.setsStart.Load() {
		x.start = time.Now()
		s.options = append(s.options, trace.WithTimestamp(x.start))
	}
	if link.IsValid() {
		s.options = append(s.options, trace.WithNewRoot(), trace.WithLinks(trace.Link{SpanContext: link}))
	}
	s.attributes.List = append(x.attributes(s.attributes.List), extra...)
	x.ctx, x.span = x.starter.Start(ctx, x.inst.tracer, x.request, x.spanName(), &s.attributes, s.options...)
	x.startOf(x.span)
}

// startOf notes when the exchange began: when its span did, so that the two durations are equal. If
// spans do not show their start, it is set on later ones, at the cost of a clock reading and an
// allocation each. The start of a span that records nothing is not visible.
func (x *Exchange) startOf(span trace.Span) {
	switch s := tracing.UnwrapSpan(span).(type) {
	case interface{ StartTime() time.Time }:
		x.start = s.StartTime()
	default:
		if x.start.IsZero() {
			x.start = time.Now()
		}
		if span.IsRecording() && !x.inst.setsStart.Load() {
			x.inst.setsStart.Store(true)
		}
	}
}

// extract returns the context that the span starts from. On a public endpoint that context has
// nothing from the client, and link is the client's span.
func (x *Exchange) extract() (ctx context.Context, link trace.SpanContext) {
	if local := trace.SpanContextFromContext(x.base()); local.IsValid() && !local.IsRemote() {
		return (*base)(x), link // an outer middleware has extracted already
	}
	ctx = x.inst.propagators.Extract((*base)(x), propagation.HeaderCarrier(x.incoming.Header))
	if public := x.inst.publicEndpoint; public != nil && public(x.incoming) {
		return (*base)(x), trace.SpanContextFromContext(ctx)
	}
	return ctx, link
}

func (x *Exchange) spanName() string {
	if x.name != nil {
		if name := x.name(); name != "" {
			return httpconv.Text(name, httpconv.MaxPath)
		}
	}
	return x.route.name
}
