// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// findParent looks for the parent, and for the request that goes with it: the one
// that ctx carries, else the parent's, else the goroutine's.
func (s *span) findParent() {
	ctx := s.start.Context
	if p, ok := ctx.(*span); ok && p.valid() { // what follows would find the same
		s.request = p.request
		s.descend(p)
	} else {
		s.request = carriedRequest(frame.Carried(ctx))
		if p := explicit(ctx); p != nil {
			s.descend(p)
		} else if p := frame.Parent(); p != nil && fits(p, s.request) {
			if s.request == nil {
				s.request = requestAt(p)
			}
			s.descend(spanOf(p))
		}
	}
	if s.request == nil {
		s.request = ambientRequest()
	}
}

// descend makes p the parent. What the wrapped Start sees is p's own wrapped span:
// samplers, processors and the SDK, which counts a span's children, look for their
// own type.
func (s *span) descend(p trace.Span) {
	own, ok := p.(*span)
	if !ok {
		s.start.parent = p
		return
	}
	s.start.parent, s.op = own.Span, own.op
	if s.request == nil {
		s.request = own.request
	}
}

// explicit returns the span that ctx carries, nil if it carries none that could be
// a parent. One that is not valid does not count: libraries leave such behind.
func explicit(ctx context.Context) trace.Span {
	switch s := ctx.Value(spanKey).(type) {
	case *span:
		if s.valid() {
			return s
		}
	case trace.Span:
		if s.SpanContext().IsValid() {
			return s
		}
	}
	return nil
}

// fits reports whether the ambient p may be the parent of a span whose ctx carries
// the request given: two requests never mix.
func fits(p *frame.Span, given *store.Request) bool {
	if given == nil {
		return true
	}
	at := requestAt(p)
	return at == nil || at == given
}

// requestAt returns the request that the goroutine works for: below a span that was
// started on it with another request's ctx, that one.
func requestAt(p *frame.Span) *store.Request {
	owner := frame.CurrentOwner()
	var at *store.Request
	switch s := p.Source.(type) {
	case *keyed:
		at = s.request
	case *other:
		at = s.request
	}
	if at != nil && p.Request == owner {
		return at
	}
	return requestOf(owner)
}

func carriedRequest(c *frame.Context) *store.Request { return requestOf(c.Owner()) }

func ambientRequest() *store.Request { return requestOf(frame.CurrentOwner()) }

func requestOf(r *frame.Request) *store.Request { return frame.Owner[store.Request](r) }
