// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// span is a started span. It is the span, the context that Start returns, and the
// ambient record, so that all of it is one allocation.
type span struct {
	trace.Span // the wrapped one

	ctx     context.Context // what the wrapped Start returned
	tracer  *tracer
	request *store.Request // whose attributes it has
	start   parentContext
	active  frame.Active
}

// newSpan returns a span, and if it is to become the ambient active one what it does
// so by, in the same allocation: half of what wrapping costs is the size of that.
func newSpan(activate bool) (s *span, f *frame.Frame) {
	if !activate {
		return new(span), nil
	}
	n := new(struct {
		frame frame.Frame // first: it is found by its place
		span
	})
	return &n.span, &n.frame
}

// begin starts s, which is zero, and reports what run does.
func (s *span) begin(ctx context.Context, t *tracer, in *inner, name string, opts []trace.SpanStartOption) (fresh bool) {
	s.tracer, s.start.Context = t, ctx
	s.findParent()
	return s.run(in, name, s.withAttributes(opts))
}

// run calls the wrapped Start, and reports whether that has made a span: providers
// that record nothing pass the parent on.
func (s *span) run(in *inner, name string, opts []trace.SpanStartOption) (fresh bool) {
	s.ctx, s.Span = in.Start(&s.start, name, opts...)
	if in.makes(s.Span) {
		s.active.Span = (*keyed)(s)
		return true
	}
	sc := s.Span.SpanContext()
	if !sc.IsValid() {
		return false
	}
	s.active.Span = (*keyed)(s)
	fresh = s.start.parent == nil || s.start.parent.SpanContext().SpanID() != sc.SpanID()
	if fresh {
		in.trust(s.Span)
	}
	return fresh
}

// valid reports whether s has ids.
func (s *span) valid() bool { return s.active.Span != nil }

// End ends the span; from now on the ambient active one is the nearest that has
// not ended. Any goroutine may call it, at any time, any number of times.
func (s *span) End(opts ...trace.SpanEndOption) {
	// The SDK records a panic that ends a span, by recover, which works in the
	// deferred function only: that is this one.
	if r := recover(); r != nil {
		s.endPanicking(r, opts)
	}
	s.Span.End(opts...)
	s.active.Leave()
}

func (s *span) endPanicking(r any, opts []trace.SpanEndOption) {
	s.active.Leave()
	defer s.Span.End(opts...)
	panic(r)
}

// TracerProvider returns the provider that s came from, wrapped.
func (s *span) TracerProvider() trace.TracerProvider { return s.tracer.provider.self }

func (s *span) Deadline() (time.Time, bool) { return s.start.Context.Deadline() }
func (s *span) Done() <-chan struct{}       { return s.start.Context.Done() }
func (s *span) Err() error                  { return s.start.Context.Err() }

// Value makes s the context that carries it.
func (s *span) Value(key any) any {
	switch {
	case key == spanKey:
		return s
	case frame.IsCarrierKey(key):
		return s.start.Context.Value(key)
	}
	return s.ctx.Value(key)
}

// String keeps fmt from reading the fields of a context that others write.
func (s *span) String() string {
	sc := s.SpanContext()
	return "tracing.span(" + sc.TraceID().String() + "-" + sc.SpanID().String() + ")"
}

// keyed is a span as its frame.Active's Span: it answers for the span alone.
type keyed span

func (k *keyed) Value(key any) any {
	if key == spanKey {
		return (*span)(k)
	}
	return nil
}

// IDs makes k the frame.Active's Span.
func (k *keyed) IDs() (traceID [16]byte, spanID [8]byte, flags byte) { return idsOf(k.Span) }

// Label makes k the frame.Active's Span: the id of a sampled span that is the first
// of its trace in this process.
func (k *keyed) Label() string {
	if p := k.start.parent; p != nil && !p.SpanContext().IsRemote() {
		return ""
	}
	if sc := k.SpanContext(); sc.IsSampled() {
		return sc.SpanID().String()
	}
	return ""
}

// parentContext is the ctx given to Start with the parent that was found in it.
type parentContext struct {
	context.Context
	parent trace.Span // nil: none
}

func (c *parentContext) Value(key any) any {
	if key == spanKey && c.parent != nil {
		return c.parent
	}
	return c.Context.Value(key)
}
