// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/internal/frame"
)

// RequestSpan returns the span of the calling goroutine's Request itself, a server's or a
// job's, however deep inside of it, for what is to be said of the request as a whole:
//
//	tracing.RequestSpan().SetAttributes(attribute.String("cart.id", id))
//
// It is the span that the Request was run with, as [StartRequest] starts one; where that was
// none, the outermost that was started in the Request around the caller. When the Request
// has ended, it is what remains of that: the ids, for links and headers, and nothing is
// recorded any more. Outside of Requests, where the Request has expired and where its trace
// was begun by another process alone it is a span that does nothing, never nil.
//
// Of a Request that is run several times at once it is the span of the run that began last.
func RequestSpan() trace.Span { return localSpan(frame.OwnSpan()) }

// RequestSpanFrom is RequestSpan for the Request that ctx carries, else the calling
// goroutine's. A nil ctx carries none.
func RequestSpanFrom(ctx context.Context) trace.Span {
	if ctx == nil {
		return RequestSpan()
	}
	return localSpan(frame.OwnSpanFrom(ctx))
}

// localSpan returns the span that s is, if that is of this process.
func localSpan(s *frame.Span) trace.Span {
	if s != nil {
		if t := spanOf(s); t != nil && !t.SpanContext().IsRemote() {
			return t
		}
	}
	return noop.Span{}
}
