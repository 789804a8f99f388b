// SPDX-License-Identifier: Apache-2.0

package frame

import "github.com/asynclocal/asynclocal/internal/ambient"

// Leave ends s, like ActiveSpan.Leave.
func (s *Handle) Leave() {
	if a := s.record.Load(); a != nil {
		a.Leave()
	}
	if a := s.inner.Load(); a != nil {
		a.Leave()
	}
}

// Leave ends a, and removes its frame, with the frames of other ended spans below it, from the
// calling goroutine's slot if it is on top there. In any other place, later, or again, it only
// marks a: reads skip it.
func (a *ActiveSpan) Leave() {
	first := a.flags.Or(ended)&ended == 0
	a.takeSpare()
	onTop := a.frame != nil && a.frame.Is(ambient.Get())
	if onTop {
		prev := a.prev.Load()
		if !ambient.IsFrame(prev) || !ambient.Direct[Payload](prev).Payload.running() {
			prev = popped(prev)
		}
		enter(prev)
	}
	if onTop || a.has(covered) {
		a.prev.Store(a.frame.Slot())
	}
	if t := a.spans(); first && t != nil {
		t.end(a, a.remains(), onTop)
	}
}

// remains returns what a leads to from now on. A goroutine that continues in a request needs the
// ids of the outermost span, and bound work those of the span that was active; no other ids are
// needed.
func (a *ActiveSpan) remains() *Span {
	switch s := a.span.Load(); {
	case s == nil || !a.inRequest:
		return s
	case a.root || a.has(captured):
		return s.rest()
	}
	return nil
}

// popped returns what is below the frames of ended spans on top of slot. A span whose frame was
// taken from its slot has nothing below it any more: then slot is what others inherited.
func popped(slot ambient.Slot) ambient.Slot {
	for {
		f := ambient.Of[Payload](slot)
		if f == nil || !f.Is(slot) {
			return slot
		}
		a := f.Payload.own
		if a == nil || f != a.frame || !a.Ended() {
			return slot
		}
		prev := a.prev.Load()
		if prev == slot {
			return slot
		}
		slot = prev
	}
}

// expired reports whether the lifetime that a was started in has expired.
func (a *ActiveSpan) expired() bool {
	return !a.has(captured) && (a.frame == nil || a.frame.Payload.life.Expired())
}

// cover notes that a function that returns will not remove what is put over under: a span below it
// no longer needs to know what was before.
func cover(under ambient.Slot) {
	if f := ambient.Of[Payload](under); f != nil && f.Is(under) {
		if a := f.Payload.own; a != nil && a.frame == f {
			a.note(covered)
		}
	}
}
