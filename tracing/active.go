// SPDX-License-Identifier: Apache-2.0

package tracing

import (
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
