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

// ownerOf returns what a line belongs to that was logged with ctx, nil if with no
// context. What ctx does not carry the goroutine answers, unless it works for
// another request: two requests never mix on a line.
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

// ambientOwner reads the goroutine's frame once, or twice with tracing: that is
// much of what a line costs.
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
	// Without tracing the active span is that of the context.
	if ctx := p.Ctx(); ctx != nil {
		o.span = spanOfContext(ctx, o.request)
	}
	return o
}

// contextSpan is a context and the span it has, which asking it is slow to tell.
type contextSpan struct {
	ctx context.Context
	hex *frame.Hex
}

// spanOfContext returns ctx's span. What it was for a request's last line is kept:
// mostly it is asked about the same context again.
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
