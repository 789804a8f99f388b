// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/internal/frame"
)

// Span returns the ambient active span: the parent of a span that is started here without a ctx. In
// a goroutine that outlives the spans of its Request, that is the outermost one until the Request
// expires, even though it has ended. If there is no such span, it returns a no-op span, never nil.
//
// If a ctx is available, use trace.SpanFromContext(ctx), the span that ctx carries.
func Span() trace.Span {
	if p := frame.Parent(); p != nil {
		if s := spanOf(p); s != nil {
			return s
		}
	}
	return noop.Span{}
}

// SpanFrom returns the parent of a span that is started with ctx: the span that ctx carries, else
// the ambient active one, unless ctx belongs to another request than the goroutine. If there is no
// such span, it returns a no-op span, never nil. A nil ctx carries nothing.
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
