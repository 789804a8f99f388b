// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// ActiveSpan is the record of a span that is, or was, the active one on a goroutine.
// tracing makes it; this package carries it.
//
// A goroutine that inherited it may live for ever, so it leads to little: to its span
// as long as that is live, and then knows it, like what is above it, by a number in Spans;
// what was in the slot before it knows only until it ends.
type ActiveSpan struct {
	span  atomic.Pointer[Span] // nil: it is over, and what it has left is in its Spans, if anything
	frame *Frame               // by which it was entered, nil if it was not
	prev  ambient.AtomicSlot   // below frame; with the flag spare, a frame

	tree        atomic.Pointer[Tree]
	seq, parent uint32 // tree's lock guards these and what follows
	older       *ActiveSpan

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

// NewEntry returns an Entry to enter a span by on the calling goroutine.
func NewEntry() *Entry { return made[Entry](ambient.Get()) }

// Crowded reports whether the calling goroutine has such labels.
func Crowded() bool { return ambient.Crowded(ambient.Get()) }

// RunEntry is a record with a frame and a lifetime, to run the request by that has its span: an
// inheritor holds them anyway.
type RunEntry struct {
	root
	record ActiveSpan
}

// root is what a request is run by.
type root struct {
	Frame // first: it finds itself by its alignment
	life  Lifetime
}

// PrepareRun is Prepare with what to run a request by: e, and c, which is in the allocation of
// s's. Both are zero. It is taken once, by the run or when s is over.
func (s *Handle) PrepareRun(e *RunEntry, c *Context) {
	e.life.cell.ctx.Store(c)
	e.record.prev.Store(e.Slot())
	e.record.flags.Store(spare)
	s.record.Store(&e.record)
}

// takeSpare returns what to run a request by, nil if there is none. a is its span, and may be nil.
func (a *ActiveSpan) takeSpare() (*root, *Context) {
	if a == nil || !a.has(spare) || a.flags.And(^uint32(spare))&spare == 0 {
		return nil, nil
	}
	n := ambient.Cast[root](ambient.Direct[Payload](a.prev.Load()))
	return n, n.life.cell.ctx.Swap(nil)
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

// spans returns those that a, which may be nil, is one of; nil: none, or none any more.
func (a *ActiveSpan) spans() *Spans {
	if a == nil {
		return nil
	}
	return a.tree.Load().load()
}

// adopt returns what a, which r is run in and which may be nil, is known by in r.
func (r *Request) adopt(a *ActiveSpan, s *Handle) *ActiveSpan {
	switch {
	case a == nil || !s.Ends():
		return a
	case a.frame != nil && a.frame.Payload.life == &outside:
		return r.second(a, s)
	case a.frame == nil && a.tree.CompareAndSwap(nil, &r.Life().tree):
		s.Request, a.inRequest = r, true
		r.list(a, a)
	}
	return a
}

// second returns another record of s, for r: the first is in one allocation with the span.
func (r *Request) second(a *ActiveSpan, s *Handle) *ActiveSpan {
	b := &ActiveSpan{inRequest: true}
	b.span.Store(&s.Span)
	b.tree.Store(&r.Life().tree)
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

// Ended reports whether it has ended.
func (a *ActiveSpan) Ended() bool { return a.has(ended) }

// Span returns a's span, also if it has ended; nil where a is nil, and where no child
// needs it any more.
func (a *ActiveSpan) Span() *Span {
	if a == nil {
		return nil
	}
	return a.left()
}

// left returns a's span, or what a has left.
func (a *ActiveSpan) left() *Span {
	if s := a.span.Load(); s != nil {
		return s
	}
	if t := a.spans(); t != nil {
		return t.left(a)
	}
	return nil
}
