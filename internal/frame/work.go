// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// work is the lifetime of bound work.
type work struct {
	Lifetime
	blocks *[]weak.Pointer[block] // as Request.blocks
	// origin is the active span that bound work has while it runs; after that, home is what remains
	// of it. What the work starts with no live span above it is a child of that. origin is not kept
	// longer, because it leads to the work in which it was started.
	origin atomic.Pointer[ActiveSpan]
	home   home // the lock guards it
}

// home is where a span is, or was, in its request's Spans.
type home struct {
	seq  uint32
	rest *Span
}

// work returns l as a *work, or nil if l is a request's, or outside.
func (l *Lifetime) work() *work {
	if l == &outside || l.OfRequest() {
		return nil
	}
	return ambient.Cast[work](l)
}

// End ends a run of the request, or the bound work.
func (l *Lifetime) End() {
	if w := l.work(); w != nil {
		if o := w.origin.Load(); o != nil {
			h := l.request().spans.home(o)
			l.Lock()
			w.home = h
			l.Unlock()
			w.origin.Store(nil)
		}
	}
	l.Term.End()
}

// active returns the record that w's own frames have: origin, then what is above.
func (w *work) active() *ActiveSpan {
	if o := w.origin.Load(); o != nil {
		return o
	}
	up, rest := w.above()
	if up != nil || rest == nil {
		return up
	}
	return over(rest, w.treeOfRequest(), w.at(), 0)
}

// treeOfRequest returns the Tree that records lead to: not w's own, because w leads to its context,
// and that to earlier spans.
func (w *work) treeOfRequest() *Tree {
	if r := w.request(); r != nil {
		return &r.Life().tree
	}
	return nil
}

func (w *work) at() uint32 {
	w.Lock()
	defer w.Unlock()
	return w.home.seq
}

// above returns what bound work is under: a live span, else what the outermost has left; nothing if
// l is not of bound work, or the work had no span.
func (l *Lifetime) above() (up *ActiveSpan, rest *Span) {
	w := l.work()
	if w == nil {
		return nil, nil
	}
	if o := w.origin.Load(); o != nil {
		return o.orUp()
	}
	l.Lock()
	h, r := w.home, l.request()
	l.Unlock()
	if h == (home{}) || r == nil {
		return nil, h.rest
	}
	if up, rest = r.spans.from(h.seq); up == nil && rest == nil {
		rest = h.rest
	}
	return up, rest
}
