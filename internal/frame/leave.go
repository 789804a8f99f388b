// SPDX-License-Identifier: Apache-2.0

package frame

import "github.com/asynclocal/asynclocal/internal/ambient"

// Leave ends s, as ActiveSpan.Leave.
func (s *Handle) Leave() {
	if a := s.record.Load(); a != nil {
		a.Leave()
	}
	if a := s.inner.Load(); a != nil {
		a.Leave()
	}
}

// Leave ends a, and takes its frame, with those of other ended spans below it,
// from the calling goroutine's slot if it is on top there. Anywhere else, later,
// or again, it only marks a: reads skip it.
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

// remains returns what a leads to from now on: a goroutine that goes on in a request needs
// the ids of the outermost, bound work those of what was active, and no other any.
func (a *ActiveSpan) remains() *Span {
	switch s := a.span.Load(); {
	case s == nil || !a.inRequest:
		return s
	case a.root || a.has(captured):
		return s.rest()
	}
	return nil
}

// popped returns what is below the frames of ended spans on top of slot. A span that was
// taken from its slot has nothing below it any more: then it is what others inherited.
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

// expired reports whether what a was started in has expired.
func (a *ActiveSpan) expired() bool {
	return !a.has(captured) && (a.frame == nil || a.frame.Payload.life.Expired())
}

// cover notes that what comes over under is not taken off it again by a function that
// returns: a span below it need not know any more what was before.
func cover(under ambient.Slot) {
	if f := ambient.Of[Payload](under); f != nil && f.Is(under) {
		if a := f.Payload.own; a != nil && a.frame == f {
			a.note(covered)
		}
	}
}
