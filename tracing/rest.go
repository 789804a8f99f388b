// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// rest is what remains of a span that is over for those that outlive it: as a parent it is
// as good as the span, and it keeps nothing else. Two of the same span are equal.
type rest struct {
	embedded.Span
	of *frame.Remains
}

// origins are where a span came from.
type origins struct {
	tracer *tracer
	state  trace.TraceState
}

// remain makes m, which is zero, what remains of k, by source. It leads to no request.
func (k *keyed) remain(m *frame.Remains, source frame.Source) {
	sc := k.SpanContext()
	m.Trace, m.ID, m.Flags, m.First = sc.TraceID(), sc.SpanID(), byte(sc.TraceFlags()), k.first()
	m.Source, m.More = source, k.tracer
	if sc.TraceState().Len() > 0 {
		m.More = &origins{k.tracer, sc.TraceState()}
	}
}

func originsOf(m *frame.Remains) origins {
	if o, ok := m.More.(*origins); ok {
		return *o
	}
	return origins{tracer: m.More.(*tracer)}
}

// SpanContext returns that of the span.
func (r rest) SpanContext() trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: r.of.Trace, SpanID: r.of.ID, TraceFlags: trace.TraceFlags(r.of.Flags), TraceState: originsOf(r.of).state,
	})
}

// TracerProvider returns the provider that the span came from, wrapped.
func (r rest) TracerProvider() trace.TracerProvider { return originsOf(r.of).tracer.provider.self }

// The rest is for a span that records no more.

func (rest) End(...trace.SpanEndOption)              {}
func (rest) AddEvent(string, ...trace.EventOption)   {}
func (rest) AddLink(trace.Link)                      {}
func (rest) IsRecording() bool                       { return false }
func (rest) RecordError(error, ...trace.EventOption) {}
func (rest) SetStatus(codes.Code, string)            {}
func (rest) SetName(string)                          {}
func (rest) SetAttributes(...attribute.KeyValue)     {}

// remains is that as a frame.Source.
type remains frame.Remains

// other is what remains of a span of another request than the one that it was entered in.
type other struct {
	remains
	request *store.Request
}

func (m *remains) Value(key any) any {
	if key == spanKey {
		return rest{of: (*frame.Remains)(m)}
	}
	return nil
}

func (m *remains) IDs() (traceID [16]byte, spanID [8]byte, flags byte) {
	return m.Trace, m.ID, m.Flags
}

func (m *remains) Label() string {
	if !m.First {
		return ""
	}
	return labelOf(rest{of: (*frame.Remains)(m)}.SpanContext())
}

func (m *remains) Ends() bool { return false }

// Of makes m a frame.Source: for whom the span was started is not known any more.
func (m *remains) Of(*frame.Request) (is, may bool) { return false, true }

// Of makes o a frame.Source.
func (o *other) Of(r *frame.Request) (is, may bool) { return isOf(o.request, r) }

// Rest returns m: there is no less.
func (m *remains) Rest(*frame.Request) *frame.Span { return &m.Span }
