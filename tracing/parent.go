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
	s.request = carriedRequest(s.carrier)
	if p := explicit(s.start.Context); p != nil {
		s.start.parent = bare(p)
		if own, ok := p.(*span); ok && s.request == nil {
			s.request = own.request
		}
		if s.request == nil {
			s.request = s.entered
		}
		return
	}
	p := frame.Parent()
	if p != nil && fits(p, s.request, s.entered) {
		s.start.parent = bare(spanOf(p))
	}
	if s.request == nil {
		s.request = requestAt(p, s.entered)
	}
}

// explicit returns the span that ctx carries, nil if it carries none that could be
// a parent. One that is not valid does not count: libraries leave such behind.
func explicit(ctx context.Context) trace.Span {
	switch s := ctx.Value(spanKey).(type) {
	case *span:
		if s.valid {
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
func fits(p *frame.Active, given, ambient *store.Request) bool {
	if given == nil {
		return true
	}
	at := requestAt(p, ambient)
	return at == nil || at == given
}

// requestAt returns the request that a goroutine works for: ambient, but below a
// span that was started on it with another request's ctx, that one.
func requestAt(p *frame.Active, ambient *store.Request) *store.Request {
	if p != nil {
		if k, ok := p.Span.(*keyed); ok && k.entered == ambient && k.request != nil {
			return k.request
		}
	}
	return ambient
}

func carriedRequest(c *frame.Carrier) *store.Request {
	if v := c.Values(); v != nil {
		return requestOf(v.Owner)
	}
	return nil
}

func ambientRequest() *store.Request { return requestOf(frame.CurrentOwner()) }

func requestOf(s *frame.Scope) *store.Request {
	if s == nil {
		return nil
	}
	r, _ := s.Owner.(*store.Request)
	return r
}

// bare returns the wrapped span: samplers, processors and the SDK itself, which
// counts a span's children, look for their own type.
func bare(s trace.Span) trace.Span {
	if own, ok := s.(*span); ok {
		return own.Span
	}
	return s
}
