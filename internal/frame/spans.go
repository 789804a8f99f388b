// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"slices"
	"sync"
)

// Spans are the live spans of a request, or of what was started outside requests under
// one span: which of them is under which.
//
// Spans do not lead to each other, because a goroutine that inherited the innermost
// would keep all that were ever around it. A number that was given out is good for
// ever, and what has it can be forgotten.
type Spans struct {
	mu             sync.Mutex
	last           uint32
	n              int32 // live
	oldest, newest *ActiveSpan
	over           []overSpan // ended before something that was started under them, oldest first
}

// overSpan is what is known of a span that has ended.
type overSpan struct {
	seq, parent uint32
	rest        *Span // of one that is under no other
}

const (
	// maxLive bounds how many spans are known that were not ended: past it the second
	// oldest is forgotten. The oldest is the request's.
	maxLive = 128
	// maxOver bounds how many are known that have ended. What was started under one that is
	// forgotten, and goes on when that and itself have ended, belongs to the outermost.
	maxOver = 64
)

// add makes a, which is not shared yet, a live span under up, nil for none.
func (t *Spans) add(a, up *ActiveSpan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last++
	a.seq, a.listed = t.last, true
	if up != nil {
		a.parent = t.under(up)
	}
	a.root = a.parent == 0
	if a.older = t.newest; a.older != nil {
		a.older.newer = a
	} else {
		t.oldest = a
	}
	t.newest = a
	if t.n++; t.n > maxLive {
		t.forget(t.oldest.newer)
	}
}

// under returns the number of up or, if that has ended, of what is above it.
func (t *Spans) under(up *ActiveSpan) uint32 {
	if up.listed {
		up.children = true
		return up.seq
	}
	seq, live, _ := t.climb(up.parent)
	if live != nil {
		live.children = true
	}
	if seq == 0 && up.parent == 0 && !up.children {
		up.children = true
		t.note(overSpan{seq: up.seq, rest: up.span.Load()})
	}
	if seq == 0 && up.parent == 0 {
		return up.seq
	}
	return seq
}

// note remembers o, in the place of the second oldest if there is no room.
func (t *Spans) note(o overSpan) {
	if len(t.over) == maxOver {
		t.over = slices.Delete(t.over, 1, 2)
	}
	t.over = append(t.over, o)
}

// climb returns the nearest live span from seq on upwards; where there is none, what
// the outermost that is known has left.
func (t *Spans) climb(seq uint32) (at uint32, live *ActiveSpan, rest *Span) {
	for seq != 0 {
		for a := t.newest; a != nil; a = a.older {
			if a.seq == seq {
				return seq, a, nil
			}
		}
		i := slices.IndexFunc(t.over, func(o overSpan) bool { return o.seq == seq })
		if i < 0 {
			break
		}
		if t.over[i].parent == 0 {
			return seq, nil, t.over[i].rest
		}
		seq = t.over[i].parent
	}
	if seq != 0 && len(t.over) > 0 {
		return 0, nil, t.over[0].rest
	}
	return 0, nil, nil
}

// top returns the outermost span above a, a's own if that is it.
func (t *Spans) top(a *ActiveSpan) *Span {
	t.mu.Lock()
	defer t.mu.Unlock()
	for a.parent != 0 {
		_, up, rest := t.climb(a.parent)
		if up == nil {
			return rest
		}
		a = up
	}
	return a.span.Load()
}

// above returns what is above a, which has ended: the nearest live span, else what the
// outermost has left, else nil: a is that itself.
func (t *Spans) above(a *ActiveSpan) (s *Span, live bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, up, rest := t.climb(a.parent); up != nil {
		return up.span.Load(), true
	} else if rest != nil {
		return rest, false
	}
	return a.outer, a.outer != nil
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

// remove takes a out, of which rest remains.
func (t *Spans) remove(a *ActiveSpan, rest *Span) {
	t.unlink(a)
	a.span.Store(rest)
	if !a.children {
		return
	}
	if a.parent != 0 {
		for c := t.newest; c != nil; c = c.older {
			if c.parent == a.seq {
				c.parent = a.parent
			}
		}
	}
	o := overSpan{seq: a.seq, parent: a.parent}
	if a.parent == 0 {
		o.rest = rest
	}
	t.note(o)
}

func (t *Spans) unlink(a *ActiveSpan) {
	if a.older != nil {
		a.older.newer = a.newer
	} else {
		t.oldest = a.newer
	}
	if a.newer != nil {
		a.newer.older = a.older
	} else {
		t.newest = a.older
	}
	a.older, a.newer, a.listed = nil, nil, false
	t.n--
}

// forget takes a out, which nobody has ended, for those that there is no room for.
func (t *Spans) forget(a *ActiveSpan) {
	a.ended.Store(true)
	t.remove(a, a.remains())
	if a.frame != nil {
		t.bypass(a)
		a.prev.Store(a.frame.Slot())
	}
}

// any reports whether there is anything to release.
func (t *Spans) any() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.oldest != nil || t.over != nil
}

// release forgets everything: the request has expired.
func (t *Spans) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.oldest != nil {
		a := t.oldest
		t.unlink(a)
		a.span.Store(nil)
	}
	t.over = nil
}
