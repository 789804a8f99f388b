// SPDX-License-Identifier: Apache-2.0

package frame

import "slices"

// overSpan is what is known of a span that has ended, or that is of other Spans.
type overSpan struct {
	seq, parent uint32      // parent: invited, it is of other Spans
	rest        *Span       // what it has left, nil: nothing is wanted, or it is a guest
	record      *ActiveSpan // of rest, nil: not asked for yet; the guest
}

// invited is the parent of what is of other Spans. It is no field, for each request has room for
// an overSpan.
const invited = 1<<32 - 1

// guest returns the record of one of other Spans, as long as that, or one above it there, is live.
func (o *overSpan) guest() *ActiveSpan {
	if o.parent == invited && o.rest == nil {
		return o.record
	}
	return nil
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
	o := overSpan{parent: invited, rest: rest}
	if rest == nil {
		o.record = guest
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, known := range t.over {
		if known.parent == invited && known.guest() == o.guest() && known.rest == o.rest {
			return known.seq
		}
	}
	t.last++
	o.seq = t.last
	t.note(o)
	return o.seq
}

// cut gives up guests that are over: what they are of would be kept with them. It reports
// whether anything is left to release.
func (t *Spans) cut() (left bool) {
	guests, left := t.guests()
	for _, o := range guests {
		if o.record.liveRecord() != nil {
			continue
		}
		s := o.record.Nearest()
		t.mu.Lock()
		if i := t.index(o.seq); i >= 0 {
			t.over[i].record, t.over[i].rest = nil, s
		}
		t.mu.Unlock()
	}
	return left
}

// guests returns them, and whether there are any spans at all.
func (t *Spans) guests() (list []overSpan, some bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range t.over {
		if o.guest() != nil {
			list = append(list, o)
		}
	}
	return list, t.newest != nil || len(t.over) > 1 || len(list) > 0
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
		if o := &t.over[i]; o.parent == 0 || o.parent == invited {
			return seq, o.guest(), o.rest
		}
		seq = t.over[i].parent
	}
	if seq == 0 {
		return 0, nil, nil
	}
	return 0, nil, t.outermost() // it was forgotten
}

// left returns what a, which has ended, has left.
func (t *Spans) left(a *ActiveSpan) *Span {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.leftOf(a)
}

func (t *Spans) leftOf(a *ActiveSpan) *Span {
	if s := a.span.Load(); s != nil || !a.inRequest {
		return s
	}
	if i := t.index(a.seq); i >= 0 {
		return t.over[i].rest
	}
	if a.root {
		return t.outermost()
	}
	return nil
}

// outermost returns what the outermost that is known has left.
func (t *Spans) outermost() *Span {
	for _, o := range t.over {
		if o.parent == 0 {
			return o.rest
		}
	}
	return nil
}

// remnant returns the record of rest, which climb has returned; nil if that is forgotten.
func (t *Spans) remnant(rest *Span, tree *Tree) *ActiveSpan {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.over, func(o overSpan) bool { return o.rest == rest })
	if i < 0 {
		return nil
	}
	switch o := &t.over[i]; {
	case o.record != nil:
	case o.parent == invited:
		o.record = over(rest, nil, 0, 0)
	default:
		o.record = over(rest, tree, o.seq, 0)
	}
	return t.over[i].record
}
