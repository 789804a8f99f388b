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

// activeOf returns the record of the span that ctx carries, nil if it carries none.
func activeOf(ctx context.Context) *frame.Active {
	switch s := ctx.Value(spanKey).(type) {
	case *span:
		if s.valid() {
			return &s.active
		}
	case trace.Span:
		if s.SpanContext().IsValid() {
			f := &foreign{span: s}
			f.active.Span = f
			return &f.active
		}
	}
	return nil
}

// foreign is a span that did not come from a wrapped provider, or one of another
// process, where it becomes ambient.
type foreign struct {
	span   trace.Span
	active frame.Active
}

// Value makes f the frame.Active's Span.
func (f *foreign) Value(key any) any {
	if key == spanKey {
		return f.span
	}
	return nil
}

// IDs makes f the frame.Active's Span.
func (f *foreign) IDs() (traceID [16]byte, spanID [8]byte, flags byte) { return idsOf(f.span) }

// Label makes f the frame.Active's Span. Whoever started the span labels it.
func (*foreign) Label() string { return "" }

func idsOf(s trace.Span) (traceID [16]byte, spanID [8]byte, flags byte) {
	sc := s.SpanContext()
	return sc.TraceID(), sc.SpanID(), byte(sc.TraceFlags())
}

// spanOf returns the span that a is the record of.
func spanOf(a *frame.Active) trace.Span {
	s, _ := a.Span.Value(spanKey).(trace.Span)
	return s
}
