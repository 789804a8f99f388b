// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/internal/frame"
)

// Span returns the ambient active span: the one that a span started here, without
// a ctx, would be a child of. In a goroutine that outlives the spans of its Request
// that is the outermost, though it has ended, until the Request expires. Where
// there is none it returns a span that does nothing, never nil.
//
// Where a ctx is at hand, trace.SpanFromContext(ctx) is the span that it carries.
func Span() trace.Span {
	if p := frame.Parent(); p != nil {
		if s := spanOf(p); s != nil {
			return s
		}
	}
	return noop.Span{}
}

// SpanFrom returns the span that one started with ctx would be a child of: what ctx carries,
// else the ambient active one, unless ctx is of another request than the goroutine. Where
// there is none it returns a span that does nothing, never nil. A nil ctx carries none.
func SpanFrom(ctx context.Context) trace.Span {
	if ctx == nil {
		return Span()
	}
	if s := explicit(ctx); s != nil {
		return s
	}
	if p := frame.Parent(); p != nil && fits(p, carriedRequest(frame.Carried(ctx))) {
		if s := spanOf(p); s != nil {
			return s
		}
	}
	return noop.Span{}
}
