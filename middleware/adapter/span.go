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

// scratch is what a span's options are put together in. A TracerProvider copies
// attributes, as it must of the slices of options that a caller reuses.
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

// release does not clear the slices, which costs more than all else about them
// while garbage is collected: the pool lets go of them soon after.
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

// startOf notes when the exchange began: when its span did, for the two durations are
// one. A span that does not say so is told from the next one on, and when one that records
// nothing began is not to be seen. To tell each costs a clock reading and an allocation.
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

// extract returns the context that the span starts from; on a public endpoint that
// is one without anything of the client's, and link is the client's span.
func (x *Exchange) extract() (ctx context.Context, link trace.SpanContext) {
	if local := trace.SpanContextFromContext(x.base()); local.IsValid() && !local.IsRemote() {
		return (*base)(x), link // what is outside has extracted already
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
