// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"
	"time"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// ActiveSpan is the record of a span that is, or was, the active one on a goroutine.
// tracing makes it; this package carries it.
//
// A goroutine that inherited it may live for ever, so it leads to little: to its span
// as long as that is live, then to the ids at most. What is above it, it knows by a
// number in Spans, and what was in the slot before only until it ends.
type ActiveSpan struct {
	span  atomic.Pointer[Span] // nil: it is over, and no child needs it
	frame *Frame               // by which it was entered, nil if it was not
	prev  ambient.AtomicSlot   // below frame; with the flag spare, a frame

	tree         atomic.Pointer[Spans]
	seq, parent  uint32 // tree's lock guards these and what follows
	older, newer *ActiveSpan

	flags            atomic.Uint32
	inRequest, root  bool // root: parent was 0 from the start
	children, listed bool // the lock guards these too
}

// The flags of an ActiveSpan.
const (
	ended    = 1 << iota
	captured // bound work may start children long after its end
	covered  // by what will never be taken off it
	spare    // it has a frame to run a request by
)

func (a *ActiveSpan) has(flag uint32) bool { return a.flags.Load()&flag != 0 }

// note sets flag. It is set only once, because goroutines share the record.
func (a *ActiveSpan) note(flag uint32) {
	if !a.has(flag) {
		a.flags.Or(flag)
	}
}

// Prepare makes a, which is zero, the record of s.
func (s *Handle) Prepare(a *ActiveSpan) { s.record.Store(a) }

// Entry is a record with a frame: to enter its span by, or to run a request by that has it.
type Entry struct {
	Frame  Frame // first: it finds itself by its alignment
	Record ActiveSpan
}

// PrepareRun is Prepare with a frame to run a request by: an inheritor holds the record anyway.
func (s *Handle) PrepareRun(e *Entry) {
	e.Record.prev.Store(e.Frame.Slot())
	e.Record.flags.Store(spare)
	s.record.Store(&e.Record)
}

// runFrame returns a zero frame to run a request by, whose span a is, and which may be nil.
func (a *ActiveSpan) runFrame() *Frame {
	if a == nil || !a.has(spare) || a.flags.And(^uint32(spare))&spare == 0 {
		return new(Frame)
	}
	return ambient.Direct[Payload](a.prev.Load())
}

// handle returns that of a's span, nil if that is over, or is of what is never told to.
func (a *ActiveSpan) handle() *Handle {
	if s := a.span.Load(); s != nil && s.Ends() {
		return ambient.Cast[Handle](s)
	}
	return nil
}

// Start makes s the span of source.
func (s *Handle) Start(source Source) {
	s.Source = source
	s.record.Load().span.Store(&s.Span)
}

// adopt returns what a, which r is run in and which may be nil, is known by in r.
func (r *Request) adopt(a *ActiveSpan, s *Handle) *ActiveSpan {
	switch {
	case a == nil || !s.Ends():
		return a
	case a.frame != nil && a.frame.Payload.life == &outside:
		return r.second(a, s)
	case a.frame == nil && a.tree.CompareAndSwap(nil, &r.spans):
		s.Request, a.inRequest = r, true
		r.list(a, a)
	}
	return a
}

// second returns another record of s, for r: the first is in one allocation with the span.
func (r *Request) second(a *ActiveSpan, s *Handle) *ActiveSpan {
	b := &ActiveSpan{inRequest: true}
	b.span.Store(&s.Span)
	b.tree.Store(&r.spans)
	if !s.inner.CompareAndSwap(nil, b) {
		return a
	}
	r.list(b, a)
	return b
}

// list lists b, which ends with a, and is where a is.
func (r *Request) list(b, a *ActiveSpan) {
	under := uint32(0)
	if b != a {
		under = r.spans.invite(a.up())
	}
	r.spans.add(b, nil, under)
	if a.Ended() {
		b.note(ended)
		r.spans.end(b, b.remains(), false)
	}
}

// Own is what a span outside requests has of its own.
type Own struct {
	spans Spans // if there is none above it
	cell  Cell
}

// Enter makes a the active span of the calling goroutine, by f, which is zero. It is
// called once. Where f is in the allocation of a's, this makes none. own is nil in a request.
func (a *ActiveSpan) Enter(f *Frame, own *Own) {
	a.frame = f
	under := ambient.Get()
	if ambient.IsFrame(under) {
		if up := ambient.Direct[Payload](under); up.Payload.running() {
			a.over(up, own, under)
			return
		}
	}
	if ambient.On() {
		a.overAny(own, popped(under))
	}
}

// running reports whether p's frame, or the request that it belongs to, is neither
// over nor about to be: what most spans are started over.
func (p *Payload) running() bool {
	return !p.life.Ended() && (p.active == nil || !p.active.Ended())
}

// over is overAny for that.
func (a *ActiveSpan) over(up *Frame, own *Own, under ambient.Slot) {
	a.prev.Store(under)
	p := &a.frame.Payload
	p.cell, p.life, p.task, p.active = up.Payload.cell, up.Payload.life, up.Payload.task, a
	if p.life == &outside {
		own = a.settle(up.Payload.cell, own)
	}
	a.enlist(up.Payload.active, own)
	a.frame.Init(p.life.label(), "", ambient.Slot{})
	if spanLabel.Load() != nil {
		a.mark(a.frame)
	}
	ambient.Set(a.frame.Slot())
}

func (a *ActiveSpan) overAny(own *Own, under ambient.Slot) {
	st := read(under)
	a.prev.Store(under)
	cell := &nothing
	if st.frame != nil {
		cell = st.frame.Payload.cell
	}
	st.init(a.frame, cell)
	a.frame.Payload.active = a
	if st.life() == nil {
		own = a.settle(cell, own)
	}
	a.enlist(st.active(), own)
	a.mark(a.frame)
	ambient.Set(a.frame.Slot())
}

// settle gives a, outside requests, a cell of its own with what c has. c is in the
// allocation of a frame, which leads to the span before: work that is bound in a span,
// starts another and is bound in that would never let go of the first.
func (a *ActiveSpan) settle(c *Cell, own *Own) *Own {
	if own == nil { // the request that it was to be one of has expired just now
		own = new(Own)
	}
	if c != &nothing {
		own.cell.set(c.load().Free(), c.ctx.Load().spanless())
		if own.cell.values.Load() == noValues && c.values.Load() != noValues {
			own.cell.values.Store(unset)
		}
		a.frame.Payload.cell = &own.cell
	}
	return own
}

// enlist notes that a was started under up, which may be nil.
func (a *ActiveSpan) enlist(up *ActiveSpan, own *Own) {
	var tree *Spans
	switch of := a.frame.Payload.life.request(); {
	case of != nil:
		if of.Ended() {
			defer of.Keep(time.Now())
		}
		a.span.Load().Request = of
		a.inRequest = true
		tree = &of.spans
	case up != nil && up.tree.Load() != nil:
		tree = up.tree.Load()
	default:
		tree = &own.spans
	}
	a.tree.Store(tree)
	if up != nil && up.tree.Load() != tree {
		tree.add(a, nil, tree.invite(up.orUp()))
		return
	}
	tree.add(a, up, 0)
}

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
	onTop := a.frame != nil && a.frame.Is(ambient.Get())
	if onTop {
		prev := a.prev.Load()
		if !ambient.IsFrame(prev) || !ambient.Direct[Payload](prev).Payload.running() {
			prev = popped(prev)
		}
		ambient.Set(prev)
	}
	if onTop || a.has(covered) {
		a.prev.Store(a.frame.Slot())
	}
	if t := a.tree.Load(); first && t != nil {
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
		a := f.Payload.active
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
		if a := f.Payload.active; a != nil && a.frame == f {
			a.note(covered)
		}
	}
}

// End marks a as ended: reads skip it from now on.
func (a *ActiveSpan) End() { a.note(ended) }

// Ended reports whether it has ended.
func (a *ActiveSpan) Ended() bool { return a.has(ended) }

// Span returns a's span, also if it has ended; nil where a is nil, and where no child
// needs it any more.
func (a *ActiveSpan) Span() *Span {
	if a == nil {
		return nil
	}
	return a.span.Load()
}

// liveRecord returns a or the nearest record above it whose span has not ended, else nil.
func (a *ActiveSpan) liveRecord() *ActiveSpan {
	for a != nil && a.Ended() {
		a, _ = a.up()
	}
	return a
}

// capture returns what bound work is to have for a, which may be nil: a itself, of which
// that remains which a child needs, or if it is over what is above it now. Later
// nothing may lead there any more.
func (a *ActiveSpan) capture() *ActiveSpan {
	for a != nil {
		a.note(captured) // before ended is read, as Leave does it the other way round
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
	t := a.tree.Load()
	if t != nil {
		if r := t.remnant(rest); r != nil {
			return r
		}
	}
	return over(rest, t, a.parent, 0)
}

// Live returns a or the nearest one above it that has not ended, else nil.
func (a *ActiveSpan) Live() *Span {
	if a = a.liveRecord(); a != nil {
		return a.span.Load()
	}
	return nil
}

// Nearest returns the nearest live one; where all have ended, the outermost: what
// a request started late belongs to the request's span, though it is over.
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
		rest = a.span.Load()
	}
	return at, rest
}

// up returns what is above a, which has ended: the nearest live span, which may have ended
// meanwhile if it is of other Spans, else what the outermost has left; nothing if that is a.
func (a *ActiveSpan) up() (at *ActiveSpan, rest *Span) {
	if t := a.tree.Load(); t != nil {
		at, rest = t.above(a)
	}
	if at == nil && rest == nil && a.span.Load() == nil && a.frame != nil {
		return a.frame.Payload.life.above()
	}
	return at, rest
}

// above returns the nearest span above a that is live, else the outermost.
func (a *ActiveSpan) above() (s *Span, live bool) {
	if up := a.liveRecord(); up != nil {
		return up.span.Load(), true
	}
	return a.Nearest(), false
}
