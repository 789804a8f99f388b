// SPDX-License-Identifier: Apache-2.0

package frame

// liveRecord returns a, or the nearest record above it, whose span has not ended, or nil.
func (a *ActiveSpan) liveRecord() *ActiveSpan {
	for a != nil && a.Ended() {
		a, _ = a.up()
	}
	return a
}

// capture returns the record that bound work gets for a, which may be nil. It is a itself, of which
// enough remains for a child. If a is over, it is the record of what is above a now, because later
// nothing may lead there any more.
func (a *ActiveSpan) capture() *ActiveSpan {
	for a != nil {
		a.note(captured) // before ended is read; Leave does it in the opposite order
		if !a.Ended() {
			return a
		}
		up, rest := a.up()
		switch {
		case up != nil:
			a = up
		case rest != nil:
			return a.remnant(rest)
		default:
			return a
		}
	}
	return nil
}

// remnant returns the record of rest, which is what is above a.
func (a *ActiveSpan) remnant(rest *Span) *ActiveSpan {
	if t := a.spans(); t != nil {
		if r := t.remnant(rest, a.lasting()); r != nil {
			return r
		}
	}
	return over(rest, a.lasting(), a.parent, 0)
}

// Live returns a's span or the nearest one above it that has not ended, or nil.
func (a *ActiveSpan) Live() *Span {
	if a = a.liveRecord(); a != nil {
		return a.span.Load()
	}
	return nil
}

// Nearest returns the nearest live span; if all have ended, the outermost: what a request started
// late belongs to the request's span, although that is over.
func (a *ActiveSpan) Nearest() *Span {
	for a != nil && a.Ended() {
		up, rest := a.orUp()
		if up == nil || up == a {
			return rest
		}
		a = up
	}
	if a == nil {
		return nil
	}
	return a.span.Load()
}

// orUp returns a if it has not ended, else what is above it, else what it has left itself.
func (a *ActiveSpan) orUp() (at *ActiveSpan, rest *Span) {
	if !a.Ended() {
		return a, nil
	}
	if at, rest = a.up(); at == nil && rest == nil {
		rest = a.left()
	}
	return at, rest
}

// up returns what is above a, which has ended: the nearest live span, which may have ended
// meanwhile if it belongs to other Spans, else what the outermost has left; nothing if that is a.
func (a *ActiveSpan) up() (at *ActiveSpan, rest *Span) {
	if t := a.spans(); t != nil {
		at, rest = t.above(a)
	}
	if at == nil && rest == nil && a.frame != nil && a.left() == nil {
		return a.frame.Payload.life.above()
	}
	return at, rest
}
