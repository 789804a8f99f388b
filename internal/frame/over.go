// SPDX-License-Identifier: Apache-2.0

package frame

import "slices"

// overSpan is what is known of a span that has ended, or that belongs to other Spans.
type overSpan struct {
	seq, parent uint32      // parent is invited if the span belongs to other Spans
	rest        *Span       // what the span has left; nil: nothing is needed, or it is a guest
	record      *ActiveSpan // the record of rest, nil if not asked for yet; or the guest
}

// invited is the parent of an overSpan that belongs to other Spans. It is not a separate field,
// because each request has room for an overSpan.
const invited = 1<<32 - 1

// guest returns the record of a span of other Spans, as long as that span, or one above it there, is
// live. Otherwise it returns nil.
func (o *overSpan) guest() *ActiveSpan {
	if o.parent == invited && o.rest == nil {
		return o.record
	}
	return nil
}

// overSpans are the overSpans of Spans, oldest first. The first is most often the only one, and each
// request has room for it. The next three share one allocation.
type overSpans struct {
	first overSpan
	more  *struct {
		list []overSpan
		room [3]overSpan
	}
}

func (l *overSpans) len() int {
	switch {
	case l.more != nil:
		return 1 + len(l.more.list)
	case l.first.seq != 0:
		return 1
	}
	return 0
}

// find returns the oldest for which ok returns true, or nil.
func (l *overSpans) find(ok func(o *overSpan) bool) *overSpan {
	if l.first.seq != 0 && ok(&l.first) {
		return &l.first
	}
	if l.more == nil {
		return nil
	}
	for i := range l.more.list {
		if o := &l.more.list[i]; ok(o) {
			return o
		}
	}
	return nil
}

func (l *overSpans) add(o overSpan) {
	if l.first.seq == 0 {
		l.first = o
		return
	}
	if l.more == nil {
		l.more = new(struct {
			list []overSpan
			room [3]overSpan
		})
		l.more.list = l.more.room[:0]
	}
	l.more.list = append(l.more.list, o)
}

// disinvite forgets everything of other Spans.
func (l *overSpans) disinvite() {
	was := *l
	*l = overSpans{}
	was.find(func(o *overSpan) bool {
		if o.parent != invited {
			l.add(*o)
		}
		return false
	})
}

// note remembers o. If there is no room, it forgets the second oldest.
func (t *Spans) note(o overSpan) {
	if t.over.len() >= maxOver {
		t.over.more.list = slices.Delete(t.over.more.list, 0, 1)
	}
	t.over.add(o)
}

// invite returns a number for a guest, or if rest is not nil, for what a guest has left. It returns 0
// if both are nil.
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
	known := t.over.find(func(known *overSpan) bool {
		return known.parent == invited && known.guest() == o.guest() && known.rest == o.rest
	})
	if known != nil {
		return known.seq
	}
	t.last++
	o.seq = t.last
	t.note(o)
	return o.seq
}

// cut gives up guests that are over, because they would keep what they belong to. It reports whether
// anything is left to release.
func (t *Spans) cut() (left bool) {
	guests, left := t.guests()
	for _, o := range guests {
		if o.record.liveRecord() != nil {
			continue
		}
		s := o.record.Nearest()
		t.mu.Lock()
		if o := t.ended(o.seq); o != nil {
			o.record, o.rest = nil, s
		}
		t.mu.Unlock()
	}
	return left
}

// guests returns the guests. some reports whether there is more than what remains of one span of the
// request: that has room in the request, and need not be released.
func (t *Spans) guests() (list []overSpan, some bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over.find(func(o *overSpan) bool {
		if o.guest() != nil {
			list = append(list, *o)
		}
		return false
	})
	return list, t.newest != nil || t.over.more != nil || t.over.first.parent == invited
}

// ended returns what is known of the span with the number seq, which is over or belongs to other
// Spans. It returns nil if nothing is known.
func (t *Spans) ended(seq uint32) *overSpan {
	return t.over.find(func(o *overSpan) bool { return o.seq == seq })
}

// climb returns the nearest live span from seq upwards, which may be a guest that has ended
// meanwhile. If there is none, it returns what the outermost known span has left.
func (t *Spans) climb(seq uint32) (at uint32, live *ActiveSpan, rest *Span) {
	for seq != 0 {
		for a := t.newest; a != nil; a = a.older {
			if a.seq == seq {
				return seq, a, nil
			}
		}
		o := t.ended(seq)
		if o == nil {
			break
		}
		if o.parent == 0 || o.parent == invited {
			return seq, o.guest(), o.rest
		}
		seq = o.parent
	}
	if seq == 0 {
		return 0, nil, nil
	}
	return 0, nil, t.outermost() // seq was forgotten
}

// left returns what remains of a, which has ended.
func (t *Spans) left(a *ActiveSpan) *Span {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.leftOf(a)
}

func (t *Spans) leftOf(a *ActiveSpan) *Span {
	if s := a.span.Load(); s != nil || !a.inRequest {
		return s
	}
	if o := t.ended(a.seq); o != nil {
		return o.rest
	}
	if a.root {
		return t.outermost()
	}
	return nil
}

// outermost returns what the outermost known span has left.
func (t *Spans) outermost() *Span {
	if o := t.over.find(func(o *overSpan) bool { return o.parent == 0 }); o != nil {
		return o.rest
	}
	return nil
}

// remnant returns the record of rest, which climb has returned, or nil if rest was forgotten.
func (t *Spans) remnant(rest *Span, tree *Tree) *ActiveSpan {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.over.find(func(o *overSpan) bool { return o.rest == rest })
	switch {
	case o == nil:
		return nil
	case o.record != nil:
	case o.parent == invited:
		o.record = over(rest, nil, 0, 0)
	default:
		o.record = over(rest, tree, o.seq, 0)
	}
	return o.record
}
