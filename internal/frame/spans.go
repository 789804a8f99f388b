// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Spans are the live spans of a request, or of what was started outside requests under
// one span: which of them is under which.
//
// Spans do not lead to each other, because a goroutine that inherited the innermost
// would keep all that were ever around it. A number that was given out is good for
// ever, and what has it can be forgotten.
type Spans struct {
	mu     sync.Mutex
	last   uint32
	n      int32 // live
	newest *ActiveSpan
	over   overSpans // ended before something that may go on under them
}

const (
	// maxLive bounds how many spans are known that were not ended: past it the second
	// oldest is forgotten. The oldest is the request's.
	maxLive = 128
	// maxOver bounds how many are known that have ended. What was started under one that is
	// forgotten, and goes on when that and itself have ended, belongs to the outermost.
	maxOver = 64
)

// add makes a, which is not shared yet, a live span under up or, where that is nil, under
// what has the number given; 0 for none.
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

// under returns the number of up or, if that has ended, of what is above it.
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
	if seq == 0 { // or what is above was forgotten: what is under up is no outermost span
		return up.seq
	}
	return seq
}

// top returns the outermost span above a, a's own if that is it.
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

// above returns what is above a, which has ended: the nearest live span, which may be of
// other Spans, else what the outermost has left; nothing where a is that itself.
func (t *Spans) above(a *ActiveSpan) (up *ActiveSpan, rest *Span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, up, rest = t.climb(a.parent)
	return up, rest
}

// from is above for what has the number seq, and may have ended.
func (t *Spans) from(seq uint32) (up *ActiveSpan, rest *Span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, up, rest = t.climb(seq)
	return up, rest
}

// home returns where a is, and what remains of it.
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

// end takes a, which has ended, out. Where it was not on top of its goroutine's slot,
// what lies on it lies on what is below it from now on.
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

// bypass makes the span that lies on a lie on what a does, and reports whether there is one.
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

// remove takes a out, of which rest remains. That is noted here and not in a, which a goroutine
// that goes on has for ever.
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
	if noted { // there is room, or it is the one that has some in any case
		t.over.add(o)
		return
	}
	t.note(o)
}

// keeps reports whether r leads to rest, of a, in any case: then a need not.
func (r *Request) keeps(a *ActiveSpan, rest *Span) bool {
	own := r.own.Load()
	return rest == &r.left.Span || rest == own || a.span.Load() == own
}

// unlink takes a, which is listed, out. Most often it is the newest.
func (t *Spans) unlink(a *ActiveSpan) {
	at := &t.newest
	for *at != a {
		at = &(*at).older
	}
	*at = a.older
	a.older, a.listed = nil, false
	t.n--
}

// forget takes a out, which was not ended, to make room.
func (t *Spans) forget(a *ActiveSpan) {
	a.note(ended)
	t.remove(a, a.remains())
	if a.frame != nil {
		t.bypass(a)
		a.prev.Store(a.frame.Slot())
	}
}

// release forgets what has expired with the request, and not what bound work still does.
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
