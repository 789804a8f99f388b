// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"reflect"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/billing"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
	"github.com/asynclocal/asynclocal/store"
)

// span is a started span, and also the context that Start returns.
type span struct {
	trace.Span // the wrapped span

	ctx     context.Context // what the wrapped Start returned
	tracer  *tracer
	request *store.Request // the request whose attributes it has
	op      *billing.Op    // of a bill: its own, or the one around it
	start   parentContext
	self    frame.Handle
}

// newSpan returns a span and, if it is to become the ambient active one, the entry for that. In a
// request that is a separate allocation: a goroutine that is started in the span keeps it until the
// request expires, and must not keep the span and its ctx. Outside a request there is no such end,
// and one allocation less.
func newSpan(activate bool) (s *span, e *frame.Entry, own *frame.Own) {
	switch {
	case !activate:
		return new(Starter).prepare(), nil, nil
	case frame.InRequest():
		s, e = new(span), frame.NewEntry()
	case frame.Crowded():
		n := new(struct {
			span
			own frame.Own
		})
		s, e, own = &n.span, frame.NewEntry(), &n.own
	default:
		n := new(struct {
			frame.Entry
			span
			own frame.Own
		})
		s, e, own = &n.span, &n.Entry, &n.own
	}
	s.self.Prepare(&e.Record)
	return s, e, own
}

// begin starts s, which must be zero, and reports what run reports.
func (s *span) begin(ctx context.Context, t *tracer, in *inner, name string, opts []trace.SpanStartOption) (fresh bool) {
	s.tracer, s.start.Context = t, ctx
	s.findParent()
	if w := watch.On(); w != nil {
		s.tellWatch(w, opts)
	}
	s.start.Context = frame.Spanless(ctx)
	fresh = s.run(in, name, s.withAttributes(opts))
	s.account(name, opts)
	return fresh
}

// run calls the wrapped Start, and reports whether it made a span: providers that record nothing
// pass the parent on.
func (s *span) run(in *inner, name string, opts []trace.SpanStartOption) (fresh bool) {
	before := frame.Slot()
	s.ctx, s.Span = in.Start(&s.start, name, opts...)
	frame.Keep(before)
	if in.makes(s.Span) {
		s.record()
		return true
	}
	sc := s.Span.SpanContext()
	if !sc.IsValid() {
		return false
	}
	s.record()
	fresh = s.start.parent == nil || s.start.parent.SpanContext().SpanID() != sc.SpanID()
	if fresh {
		in.trust(s.Span)
	}
	return fresh
}

// record registers s as a span with ids.
func (s *span) record() {
	s.self.Start((*keyed)(s))
}

// valid reports whether s has ids.
func (s *span) valid() bool { return s.self.Source != nil }

// over returns the context for the callees of s, which was started with ctx. As long as there is no
// provider, and neither has a span, that is ctx itself: otherwise each Start in a series would make
// it longer.
func (s *span) over(ctx context.Context) context.Context {
	if !s.valid() && !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	return s
}

// End ends the span; from now on the nearest span that has not ended is the ambient active one. It
// may be called on any goroutine, at any time, any number of times.
func (s *span) End(opts ...trace.SpanEndOption) {
	// The SDK records a panic that ends a span, by recover, which works only in the deferred
	// function itself: in this one.
	if r := recover(); r != nil {
		s.endPanicking(r, opts)
	}
	before := frame.Slot()
	s.Span.End(opts...)
	s.endAccount(opts)
	labels, set := frame.Regain(before)
	s.self.Leave()
	if set {
		frame.Show(labels)
	}
}

func (s *span) endPanicking(r any, opts []trace.SpanEndOption) {
	s.endAccount(opts)
	s.self.Leave()
	defer frame.Keep(frame.Slot())
	defer s.Span.End(opts...)
	panic(r)
}

// SetName renames the span. Tracers that label goroutines do so here too, and in SetAttributes.
func (s *span) SetName(name string) {
	before := frame.Slot()
	s.Span.SetName(name)
	frame.Keep(before)
}

// SetAttributes sets attributes of the span.
func (s *span) SetAttributes(kv ...attribute.KeyValue) {
	s.learn(kv)
	before := frame.Slot()
	s.Span.SetAttributes(kv...)
	frame.Keep(before)
}

// TracerProvider returns the wrapped provider that s came from.
func (s *span) TracerProvider() trace.TracerProvider { return s.tracer.provider.self }

func (s *span) Deadline() (time.Time, bool) { return s.start.Context.Deadline() }
func (s *span) Done() <-chan struct{}       { return s.start.Context.Done() }
func (s *span) Err() error                  { return s.start.Context.Err() }

// Value makes s a context that carries itself.
func (s *span) Value(key any) any {
	switch {
	case key == spanKey:
		return s
	case frame.IsCarrierKey(key):
		return s.start.Context.Value(key)
	case frame.IsLabelKey(key):
		return s.labels(key)
	}
	return s.ctx.Value(key)
}

// labels answers package pprof. A tracer around this one sets labels from s, even if s was started
// with a ctx that carries nothing of the goroutine.
func (s *span) labels(key any) any {
	if l := s.ctx.Value(key); l != nil {
		return l
	}
	return frame.Labels()
}

// Below implements frame.Layer: the SDK's context adds its span, and nothing else, so it is a layer
// directly on top of the context it was given.
func (s *span) Below() context.Context {
	if v := reflect.Indirect(reflect.ValueOf(s.ctx)); v.Kind() == reflect.Struct && v.NumField() > 0 {
		if f := v.Type().Field(0); f.Anonymous && f.IsExported() && v.Field(0).Interface() == any(&s.start) {
			return s.start.Context
		}
	}
	return nil
}

// String keeps fmt from reading the fields of a context that others write.
func (s *span) String() string {
	sc := s.SpanContext()
	return "tracing.span(" + sc.TraceID().String() + "-" + sc.SpanID().String() + ")"
}

// keyed is a span as a frame.Source: it answers only for the span.
type keyed span

func (k *keyed) Value(key any) any {
	if key == spanKey {
		return (*span)(k)
	}
	return nil
}

// IDs implements frame.Source.
func (k *keyed) IDs() (traceID [16]byte, spanID [8]byte, flags byte) { return idsOf(k.Span) }

// Label implements frame.Source: it returns the id of a sampled span that is the first of its trace
// in this process.
func (k *keyed) Label() string {
	if !k.first() {
		return ""
	}
	return labelOf(k.SpanContext())
}

func (k *keyed) first() bool {
	p := k.start.parent
	return p == nil || p.SpanContext().IsRemote()
}

func labelOf(sc trace.SpanContext) string {
	if !sc.IsSampled() {
		return ""
	}
	return sc.SpanID().String()
}

// Ends implements frame.Source.
func (k *keyed) Ends() bool { return true }

// Of implements frame.Source.
func (k *keyed) Of(r *frame.Request) (is, may bool) { return isOf(k.request, r) }

func isOf(started *store.Request, r *frame.Request) (is, may bool) {
	is = started != nil && started == requestOf(r)
	return is, is || started == nil
}

// Rest implements frame.Source.
func (k *keyed) Rest(of *frame.Request) *frame.Span {
	if k.request != requestOf(of) {
		o := &other{request: k.request}
		k.remain((*frame.Remains)(&o.remains), o)
		o.Span.Request = of
		return &o.Span
	}
	m := of.Remains()
	k.remain(m, (*remains)(m))
	return &m.Span
}

// parentContext is the ctx given to Start, with the parent that was found.
type parentContext struct {
	context.Context
	parent trace.Span // nil: no parent
}

func (c *parentContext) Value(key any) any {
	if key == spanKey && c.parent != nil {
		return c.parent
	}
	return c.Context.Value(key)
}
