// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Spans holds the live spans of a request, or of the work that was started under one span outside
// requests. It knows which span is under which.
//
// The spans do not lead to each other, because a goroutine that inherited the innermost one would
// keep all spans that were ever around it. Instead each span has a number. The number stays valid
// forever, although the span may be forgotten.
type Spans struct {
	mu     sync.Mutex
	last   uint32
	n      int32 // live
	newest *ActiveSpan
	over   overSpans // spans that ended before work that may continue under them
}

const (
	// maxLive limits how many spans are known that were not ended. Past it the second oldest is
	// forgotten. The oldest is the request's.
	maxLive = 128
	// maxOver limits how many ended spans are known. Past it one is forgotten. Once a span that was
	// started under that one has ended too, work that continues in it belongs to the outermost span.
	maxOver = 64
)

// add makes a, which is not shared yet, a live span under up. If up is nil, a is under the span with
// the number under; 0 means no span.
func (t *Spans) add(a, up *ActiveSpan, under uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	a.seq, a.listed = t.last, true
	a.parent = under
	if up != nil {
		a.parent = t.under(up)
	}
	a.root = a.parent == 0
	a.older, t.newest = t.newest, a
	if t.n++; t.n > maxLive {
		for a.older.older != nil {
			a = a.older
		}
		t.forget(a)
	}
}

// under returns the number of up, or if up has ended, of the span above it.
func (t *Spans) under(up *ActiveSpan) uint32 {
	if up.listed {
		up.children = true
		return up.seq
	}
	seq, live, _ := t.climb(up.parent)
	if live != nil && live.spans() == t {
		live.children = true
	}
	if seq == 0 && up.parent == 0 && !up.children && t.ended(up.seq) == nil {
		up.children = true
		t.note(overSpan{seq: up.seq, rest: t.leftOf(up)})
	}
	if seq == 0 { // or the span above up was forgotten: a span under up is not the outermost
		return up.seq
	}
	return seq
}

// top returns the outermost span above a, or a's own span if a is the outermost.
func (t *Spans) top(a *ActiveSpan) *Span {
	t.mu.Lock()
	for a.parent != 0 {
		_, up, rest := t.climb(a.parent)
		if up == nil || up.spans() != t || !up.listed {
			t.mu.Unlock()
			if up != nil {
				return up.outermost()
			}
			return rest
		}
		a = up
	}
	defer t.mu.Unlock()
	return t.leftOf(a)
}

// above returns what is above a, which has ended. That is the nearest live span, which may be in
// other Spans, else what the outermost span has left. It is nothing if a is the outermost.
func (t *Spans) above(a *ActiveSpan) (up *ActiveSpan, rest *Span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, up, rest = t.climb(a.parent)
	return up, rest
}

// from is above, but starts at the span with the number seq, which may have ended.
func (t *Spans) from(seq uint32) (up *ActiveSpan, rest *Span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, up, rest = t.climb(seq)
	return up, rest
}

// home returns a's place in t, and what remains of a's span.
func (t *Spans) home(a *ActiveSpan) (h home) {
	if s := a.left(); s != nil {
		h.rest = s.rest()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case a.spans() != t:
	case a.listed:
		h.seq, a.children = a.seq, true
	default:
		h.seq = a.parent
	}
	return h
}

// end takes a, which has ended, out of t. If a was not on top of its goroutine's slot, the span that
// lies on a lies on what is below a from now on.
func (t *Spans) end(a *ActiveSpan, rest *Span, onTop bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !a.listed {
		return
	}
	t.remove(a, rest)
	if !onTop {
		t.bypass(a)
	}
}

// bypass makes the span that lies on a lie on what is below a, and reports whether there is such a
// span.
func (t *Spans) bypass(a *ActiveSpan) (done bool) {
	if a.frame == nil {
		return false
	}
	at := a.frame.Slot()
	for c := t.newest; c != nil; c = c.older {
		if c.prev.Load() == at {
			c.prev.Store(a.prev.Load())
			done = true
		}
	}
	return done
}

// remove takes a out of t. rest is what remains of a. It is noted in t and not in a, because a
// goroutine that continues holds a forever.
func (t *Spans) remove(a *ActiveSpan, rest *Span) {
	t.unlink(a)
	if s := a.handle(); s != nil && s.record.Load() == a {
		s.tree, s.seq, s.parent = a.lasting(), a.seq, a.parent
		s.record.Store(nil)
	}
	noted := a.inRequest && rest != nil && (t.over.len() < maxOver || ambient.Cast[Request](t).keeps(a, rest))
	if noted {
		a.span.Store(nil)
	} else {
		a.span.Store(rest)
	}
	if !a.children && !noted {
		return
	}
	if a.children && a.parent != 0 {
		for c := t.newest; c != nil; c = c.older {
			if c.parent == a.seq {
				c.parent = a.parent
			}
		}
	}
	o := overSpan{seq: a.seq, parent: a.parent}
	if noted || a.parent == 0 {
		o.rest = rest
	}
	if noted { // there is room, or the request keeps rest anyway
		t.over.add(o)
		return
	}
	t.note(o)
}

// keeps reports whether r leads to rest, which remains of a, anyway. Then a need not lead to it.
func (r *Request) keeps(a *ActiveSpan, rest *Span) bool {
	own := r.own.Load()
	return rest == &r.left.Span || rest == own || a.span.Load() == own
}

// unlink takes a, which is listed, out of the list. Most often a is the newest.
func (t *Spans) unlink(a *ActiveSpan) {
	at := &t.newest
	for *at != a {
		at = &(*at).older
	}
	*at = a.older
	a.older, a.listed = nil, false
	t.n--
}

// forget takes out a, which was not ended, to make room.
func (t *Spans) forget(a *ActiveSpan) {
	a.note(ended)
	t.remove(a, a.remains())
	if a.frame != nil {
		t.bypass(a)
		a.prev.Store(a.frame.Slot())
	}
}

// release forgets the spans that have expired with the request. It keeps those that bound work still
// uses.
func (t *Spans) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over.disinvite()
	for a := t.newest; a != nil; {
		next := a.older
		if a.expired() {
			a.note(ended)
			t.remove(a, nil)
			if a.frame != nil {
				a.prev.Store(a.frame.Slot())
			}
		}
		a = next
	}
}
