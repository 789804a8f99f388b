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
// as good as the span, and it keeps nothing else. There is one for each request that
// lingers, so it is small: a SpanContext would have gaps.
type rest struct {
	embedded.Span
	self    frame.Span
	tracer  *tracer
	state   trace.TraceState
	traceID trace.TraceID
	spanID  trace.SpanID
	flags   trace.TraceFlags
	first   bool // of its trace in this process
}

// other is what remains of a span of another request than the one that it was entered in.
type other struct {
	restSource
	request *store.Request
}

// init makes r, which is zero, what remains of k.
func (r *rest) init(k *keyed, of *frame.Request) {
	sc := k.SpanContext()
	r.state, r.traceID, r.spanID, r.flags = sc.TraceState(), sc.TraceID(), sc.SpanID(), sc.TraceFlags()
	r.tracer, r.first = k.tracer, k.first()
	r.self.Source, r.self.Request = (*restSource)(r), of
}

// SpanContext returns that of the span.
func (r *rest) SpanContext() trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: r.traceID, SpanID: r.spanID, TraceFlags: r.flags, TraceState: r.state})
}

// TracerProvider returns the provider that the span came from, wrapped.
func (r *rest) TracerProvider() trace.TracerProvider { return r.tracer.provider.self }

// The rest is for a span that records no more.

func (*rest) End(...trace.SpanEndOption)              {}
func (*rest) AddEvent(string, ...trace.EventOption)   {}
func (*rest) AddLink(trace.Link)                      {}
func (*rest) IsRecording() bool                       { return false }
func (*rest) RecordError(error, ...trace.EventOption) {}
func (*rest) SetStatus(codes.Code, string)            {}
func (*rest) SetName(string)                          {}
func (*rest) SetAttributes(...attribute.KeyValue)     {}

// restSource is a rest as a frame.Source.
type restSource rest

func (r *restSource) Value(key any) any {
	if key == spanKey {
		return (*rest)(r)
	}
	return nil
}

func (r *restSource) IDs() (traceID [16]byte, spanID [8]byte, flags byte) {
	return r.traceID, r.spanID, byte(r.flags)
}

func (r *restSource) Label() string {
	if !r.first {
		return ""
	}
	return labelOf((*rest)(r).SpanContext())
}

func (r *restSource) Ends() bool { return false }

// Rest returns r: there is no less.
func (r *restSource) Rest(*frame.Request) *frame.Span { return &r.self }
