// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// rest is what remains of a span that is over for those that outlive it: as a parent it is
// as good as the span, and it keeps nothing else.
type rest struct {
	noop.Span
	sc      trace.SpanContext
	tracer  *tracer
	request *store.Request
	self    frame.Span
	first   bool
}

// SpanContext returns that of the span.
func (r *rest) SpanContext() trace.SpanContext { return r.sc }

// TracerProvider returns the provider that the span came from, wrapped.
func (r *rest) TracerProvider() trace.TracerProvider { return r.tracer.provider.self }

// restSource is a rest as a frame.Source.
type restSource rest

func (r *restSource) Value(key any) any {
	if key == spanKey {
		return (*rest)(r)
	}
	return nil
}

func (r *restSource) IDs() (traceID [16]byte, spanID [8]byte, flags byte) {
	return r.sc.TraceID(), r.sc.SpanID(), byte(r.sc.TraceFlags())
}

func (r *restSource) Label() string {
	if !r.first {
		return ""
	}
	return labelOf(r.sc)
}

func (r *restSource) Ends() bool { return false }

// Rest returns r: there is no less.
func (r *restSource) Rest() *frame.Span { return &r.self }
