// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"reflect"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// owner is the request and the span that a line belongs to. Either may be nil.
type owner struct {
	request *store.Request
	span    *frame.Hex
}

// ownerOf returns what a line that was logged with ctx, or nil, belongs to. For what ctx does not
// carry, it asks the goroutine, unless that works for another request: two requests never mix on a
// line.
func ownerOf(ctx context.Context) owner {
	if ctx == nil {
		return ambientOwner()
	}
	r, _ := store.CurrentFrom(ctx)
	if h := spanOfContext(ctx, r); h != nil {
		return owner{r, h}
	}
	if here := ambientOwner(); here.request == r {
		return here
	}
	return owner{r, nil}
}

// ambientOwner reads the goroutine's frame once, or twice with tracing: that is much of the cost of
// a line.
func ambientOwner() (o owner) {
	p := frame.CurrentFrame()
	if p == nil {
		return o
	}
	o.request = frame.Owner[store.Request](p.Owner())
	if frame.ActiveOf != nil {
		if a := frame.Parent(); a != nil {
			o.span = a.Hex()
		}
		return o
	}
	// Without tracing, the active span is the context's.
	if ctx := p.Ctx(); ctx != nil {
		o.span = spanOfContext(ctx, o.request)
	}
	return o
}

// contextSpan is a context and its span, which is slow to look up.
type contextSpan struct {
	ctx context.Context
	hex *frame.Hex
}

// spanOfContext returns ctx's span. It keeps the answer for a request's last line: usually the next
// line has the same context.
func spanOfContext(ctx context.Context, r *store.Request) *frame.Hex {
	s := peekState(r)
	if s != nil {
		if last := s.span.Load(); last != nil && last.ctx == ctx {
			return last.hex
		}
	}
	h := hexOf(spanContext(ctx))
	if r != nil && h != nil && reflect.TypeOf(ctx).Comparable() {
		requestStates.Of(r).span.Store(&contextSpan{ctx, h})
	}
	return h
}

func spanContext(ctx context.Context) trace.SpanContext { return trace.SpanContextFromContext(ctx) }
