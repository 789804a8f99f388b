// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
)

// spanKey is the key under which OpenTelemetry keeps a context's span. A context
// of ours that answers to it saves the context.WithValue, and the allocation, that
// carrying the span would otherwise take.
var spanKey = learnSpanKey()

// spy is a context that notes the key it is asked for.
type spy struct {
	context.Context
	key any
}

func (s *spy) Value(key any) any {
	s.key = key
	return nil
}

func learnSpanKey() any {
	s := &spy{Context: context.Background()}
	trace.SpanFromContext(s)
	return s.key
}

func init() { frame.ActiveOf = activeOf }

// activeOf returns the span that ctx carries and its record, nil if it carries none.
func activeOf(ctx context.Context) (*frame.ActiveSpan, *frame.Handle) {
	switch s := ctx.Value(spanKey).(type) {
	case *span:
		if s.valid() {
			return s.self.Record(), &s.self
		}
	case trace.Span:
		if s.SpanContext().IsValid() {
			f := &foreign{span: s}
			f.self.Prepare(&f.active)
			f.self.Start(f)
			return &f.active, &f.self
		}
	}
	return nil, nil
}

// foreign is a span that did not come from a wrapped provider, or one of another
// process, where it becomes ambient.
type foreign struct {
	span   trace.Span
	self   frame.Handle
	active frame.ActiveSpan
}

// Value makes f a frame.Source.
func (f *foreign) Value(key any) any {
	if key == spanKey {
		return f.span
	}
	return nil
}

// IDs makes f a frame.Source.
func (f *foreign) IDs() (traceID [16]byte, spanID [8]byte, flags byte) { return idsOf(f.span) }

// Label makes f a frame.Source. Whatever started the span labels it.
func (*foreign) Label() string { return "" }

// Ends makes f a frame.Source: when it is over is not known here.
func (*foreign) Ends() bool { return false }

// Of makes f a frame.Source.
func (f *foreign) Of(*frame.Request) (is, may bool) { return false, !f.span.SpanContext().IsRemote() }

// Rest makes f a frame.Source: the ids remain.
func (f *foreign) Rest(*frame.Request) *frame.Span {
	ids := trace.SpanFromContext(trace.ContextWithSpanContext(context.Background(), f.span.SpanContext()))
	_, left := activeOf(trace.ContextWithSpan(context.Background(), ids))
	return &left.Span
}

func idsOf(s trace.Span) (traceID [16]byte, spanID [8]byte, flags byte) {
	sc := s.SpanContext()
	return sc.TraceID(), sc.SpanID(), byte(sc.TraceFlags())
}

// spanOf returns the span that s is.
func spanOf(s *frame.Span) trace.Span {
	t, _ := s.Value(spanKey).(trace.Span)
	return t
}
