// SPDX-License-Identifier: Apache-2.0

package frame

import "slices"

// overSpan is what is known of a span that has ended, or that is of other Spans.
type overSpan struct {
	seq, parent uint32
	invited     bool        // it is of other Spans
	record      *ActiveSpan // of rest, nil: not asked for yet
	rest        *Span       // of one that is under no other
	guest       *ActiveSpan // of other Spans, as long as it, or one above it there, is live
}

// note remembers o, in the place of the second oldest if there is no room.
func (t *Spans) note(o overSpan) {
	if len(t.over) == maxOver {
		t.over = slices.Delete(t.over, 1, 2)
	}
	t.over = append(t.over, o)
}

// invite returns a number for a guest, or if that is nil for what one has left; 0 if both are nil.
func (t *Spans) invite(guest *ActiveSpan, rest *Span) uint32 {
	if guest == nil && rest == nil {
		return 0
	}
	o := overSpan{invited: true, guest: guest, rest: rest}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, known := range t.over {
		if known.invited && known.guest == o.guest && (o.guest != nil || known.rest == o.rest) {
			return known.seq
		}
	}
	t.last++
	o.seq = t.last
	t.note(o)
	return o.seq
}

// part gives up guests that are over: what they are of would be kept with them.
func (t *Spans) part() {
	t.mu.Lock()
	over := slices.Clone(t.over)
	t.mu.Unlock()
	for _, o := range over {
		if o.guest == nil || o.guest.liveRecord() != nil {
			continue
		}
		s := o.guest.Nearest()
		t.mu.Lock()
		if i := t.index(o.seq); i >= 0 {
			t.over[i].guest, t.over[i].rest = nil, s
		}
		t.mu.Unlock()
	}
}

func (t *Spans) index(seq uint32) int {
	return slices.IndexFunc(t.over, func(o overSpan) bool { return o.seq == seq })
}

// climb returns the nearest live span from seq on upwards, which may be a guest that has
// ended meanwhile; where there is none, what the outermost that is known has left.
func (t *Spans) climb(seq uint32) (at uint32, live *ActiveSpan, rest *Span) {
	for seq != 0 {
		for a := t.newest; a != nil; a = a.older {
			if a.seq == seq {
				return seq, a, nil
			}
		}
		i := t.index(seq)
		if i < 0 {
			break
		}
		if o := &t.over[i]; o.parent == 0 {
			return seq, o.guest, o.rest
		}
		seq = t.over[i].parent
	}
	if seq == 0 {
		return 0, nil, nil
	}
	for _, o := range t.over { // it was forgotten
		if o.parent == 0 && !o.invited {
			return 0, nil, o.rest
		}
	}
	return 0, nil, nil
}

// remnant returns the record of rest, which climb has returned; nil if that is forgotten.
func (t *Spans) remnant(rest *Span) *ActiveSpan {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.over, func(o overSpan) bool { return o.rest == rest })
	if i < 0 {
		return nil
	}
	switch o := &t.over[i]; {
	case o.record != nil:
	case o.invited:
		o.record = over(rest, nil, 0, 0)
	default:
		o.record = over(rest, t, o.seq, 0)
	}
	return t.over[i].record
}
