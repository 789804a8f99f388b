// SPDX-License-Identifier: Apache-2.0

package frame

import "context"

// claim notes which span is r's own, such as a server's or a job's. It is s, which r is run with,
// unless s belongs to another request. claim is called before the run begins, and before r adopts s.
// carried is the Context of the ctx that has s.
//
// r leads to its own span until the end, and then to what remains of it. A run inside another run
// changes nothing if it has a span of r, or no span.
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

// foreignTo reports whether s belongs to another request than r. A span that does not say which
// request it belongs to belongs to the one that was carried with it.
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

// settle lets go of r's own span. What a child needs of it remains.
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

// OwnSpan returns the own span of the calling goroutine's request: the span that the request was run
// with. If there was none, it returns the outermost span above here that was started in the request,
// or nil.
func OwnSpan() *Span {
	p := CurrentFrame()
	if p == nil {
		return nil
	}
	return p.Owner().ownSpan(p.Active())
}

// OwnSpanFrom is OwnSpan for the request that ctx carries, else for the calling goroutine's.
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

// ownSpan returns r's own span, else the outermost span of r above a. r and a may be nil.
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

// root returns the outermost span of t above a, which is in t. It returns a's own span if a is the
// outermost.
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
		default: // nothing is above a, or only a guest
			return t.leftOf(a)
		}
	}
}

// owns reports whether s is what remains of a span of t, and not of a guest.
func (t *Spans) owns(s *Span) bool {
	o := t.over.find(func(o *overSpan) bool { return o.rest == s })
	return o != nil && o.parent != invited
}
