// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/internal/frame"
)

// RequestSpan returns the span of the calling goroutine's Request itself, a server's or a job's,
// however deep inside it the caller is. Use it for facts about the request as a whole:
//
//	tracing.RequestSpan().SetAttributes(attribute.String("cart.id", id))
//
// It is the span that the Request was run with, such as one from [StartRequest]. If there was none,
// it is the outermost span that was started in the Request around the caller. When the Request has
// ended, the result has only the ids, for links and headers, and records nothing. It is a no-op
// span, never nil, outside of Requests, if the Request has expired, and if only another process has
// begun its trace.
//
// If a Request is run several times at once, it is the span of the run that began last.
func RequestSpan() trace.Span { return localSpan(frame.OwnSpan()) }

// RequestSpanFrom is RequestSpan for the Request that ctx carries, else the calling goroutine's. A
// nil ctx carries no Request.
func RequestSpanFrom(ctx context.Context) trace.Span {
	if ctx == nil {
		return RequestSpan()
	}
	return localSpan(frame.OwnSpanFrom(ctx))
}

// localSpan returns the trace.Span of s, if it is of this process.
func localSpan(s *frame.Span) trace.Span {
	if s != nil {
		if t := spanOf(s); t != nil && !t.SpanContext().IsRemote() {
			return t
		}
	}
	return noop.Span{}
}
