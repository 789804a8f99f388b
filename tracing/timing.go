// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
)

// ServerTiming returns the value of the Server-Timing response header for s: the metric trace,
// whose description is a traceparent, by which browsers and clients find the trace of a response.
// It returns "" for a span that is not valid, or nil.
//
//	trace;desc=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
//
// https://www.w3.org/TR/server-timing/
func ServerTiming(s trace.Span) string {
	if s == nil {
		return ""
	}
	if own, ok := s.(*span); ok && own.valid() {
		return own.self.Hex().Timing()
	}
	sc := s.SpanContext()
	if !sc.IsValid() {
		return ""
	}
	return frame.NewHex(sc.TraceID(), sc.SpanID(), byte(sc.TraceFlags())).Timing()
}
