// SPDX-License-Identifier: Apache-2.0

package frame

import "context"

// claim notes which span is r's own, a server's or a job's: that which r is run with, and which
// is not one of another request's. It is called before the run begins, and before r adopts s;
// carried is what the ctx carries that has s.
//
// r leads to it until the end, and then to what remains of it. A run inside of another, which
// has a span of r's or none, changes nothing.
func (r *Request) claim(s *Span, carried *Context) {
	running := r.Life() != nil && !r.Ended()
	switch {
	case s == nil || s.foreignTo(r, carried):
		if !running {
			r.own.Store(nil)
		}
	case s.Request != r || !running:
		r.own.Store(s)
	}
}

// foreignTo reports whether s is another's than r's. One that does not say whose it is is of the
// request that was carried with it.
func (s *Span) foreignTo(r *Request, carried *Context) bool {
	switch is, may := s.Of(r); {
	case is || !may:
		return !is
	case s.Request != nil:
		return s.Request != r
	}
	of := carried.Owner()
	return of != nil && of != r
}

// settle lets go of r's own span, of which that remains which a child needs.
func (r *Request) settle() {
	s := r.own.Load()
	if s == nil {
		return
	}
	rest := s.rest()
	if rest == s {
		rest = s.Rest(r)
	}
	r.own.CompareAndSwap(s, rest)
}

// OwnSpan returns the span of the calling goroutine's request itself: that which the request
// was run with, and where that was none the outermost that was started in it above here. It
// returns nil where there is none.
func OwnSpan() *Span {
	p := CurrentFrame()
	if p == nil {
		return nil
	}
	return p.Owner().ownSpan(p.Active())
}

// OwnSpanFrom is OwnSpan for the request that ctx carries, else the calling goroutine's.
func OwnSpanFrom(ctx context.Context) *Span {
	c := Carried(ctx)
	r := c.Owner()
	if r == nil {
		return OwnSpan()
	}
	if s := r.own.Load(); s != nil {
		return s
	}
	a, _ := activeFrom(ctx)
	if s := r.ownSpan(a); s != nil || CurrentOwner() != r {
		return s
	}
	return OwnSpan()
}

// ownSpan returns r's own span, else the outermost of r's above a. Both may be nil.
func (r *Request) ownSpan(a *ActiveSpan) *Span {
	if r == nil {
		return nil
	}
	if s := r.own.Load(); s != nil {
		return s
	}
	if a.spans() != &r.spans {
		return nil
	}
	return r.spans.root(a)
}

// root returns the outermost of t's own above a, which is one of t's; a's own if that is it.
func (t *Spans) root(a *ActiveSpan) *Span {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		_, up, rest := t.climb(a.parent)
		switch {
		case up != nil && up.spans() == t && up.listed:
			a = up
		case up == nil && rest != nil && t.owns(rest):
			return rest
		default: // there is nothing above, or it is a guest's
			return t.leftOf(a)
		}
	}
}

// owns reports whether s has remained of a span of t's.
func (t *Spans) owns(s *Span) bool {
	for i := range t.over {
		if t.over[i].rest == s {
			return !t.over[i].invited
		}
	}
	return false
}
