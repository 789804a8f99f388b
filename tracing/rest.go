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

// rest is what remains of an ended span, for goroutines that outlive it. As a parent it is as good as
// the span, and it keeps nothing else. Two rests of the same span are equal.
type rest struct {
	embedded.Span
	of *frame.Remains
}

// origins records where a span came from.
type origins struct {
	tracer *tracer
	state  trace.TraceState
}

// remain fills m, which is zero, with what remains of k, by source. m leads to no request.
func (k *keyed) remain(m *frame.Remains, source frame.Source) {
	sc := k.SpanContext()
	m.Trace, m.ID, m.Flags, m.First = sc.TraceID(), sc.SpanID(), byte(sc.TraceFlags()), k.first()
	m.Source = source
	from := &k.tracer.origins
	if sc.TraceState().Len() > 0 {
		from = &origins{k.tracer, sc.TraceState()}
	}
	frame.SetMore(m, from)
}

func originsOf(m *frame.Remains) *origins { return frame.More[origins](m) }

// SpanContext returns the span's SpanContext.
func (r rest) SpanContext() trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: r.of.Trace, SpanID: r.of.ID, TraceFlags: trace.TraceFlags(r.of.Flags), TraceState: originsOf(r.of).state,
	})
}

// TracerProvider returns the wrapped provider that the span came from.
func (r rest) TracerProvider() trace.TracerProvider { return originsOf(r.of).tracer.provider.self }

// A rest is a span that no longer records.

func (rest) End(...trace.SpanEndOption)              {}
func (rest) AddEvent(string, ...trace.EventOption)   {}
func (rest) AddLink(trace.Link)                      {}
func (rest) IsRecording() bool                       { return false }
func (rest) RecordError(error, ...trace.EventOption) {}
func (rest) SetStatus(codes.Code, string)            {}
func (rest) SetName(string)                          {}
func (rest) SetAttributes(...attribute.KeyValue)     {}

// remains is a frame.Remains as a frame.Source.
type remains frame.Remains

// other is what remains of a span whose request is not the one that it was entered in.
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

// Of implements frame.Source: which request the span was started for is no longer known.
func (m *remains) Of(*frame.Request) (is, may bool) { return false, true }

// Of implements frame.Source.
func (o *other) Of(r *frame.Request) (is, may bool) { return isOf(o.request, r) }

// Rest returns m, which cannot be reduced further.
func (m *remains) Rest(*frame.Request) *frame.Span { return &m.Span }
