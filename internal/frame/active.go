// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// ActiveSpan is the record of a span that is, or was, the active one on a goroutine. tracing makes
// it; this package carries it.
//
// A goroutine that inherited it may live forever, so it leads to little. It leads to its span only
// while the span is live. After that it knows the span, and the one above it, by numbers in Spans. It
// knows what was in the slot before only until it ends.
type ActiveSpan struct {
	span  atomic.Pointer[Span] // nil: it is over, and what it has left, if anything, is in its Spans
	frame *Frame               // by which it was entered, or nil
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
	covered  // by something that will never be taken off it
	spare    // it has a frame to run a request by
)

func (a *ActiveSpan) has(flag uint32) bool { return a.flags.Load()&flag != 0 }

// note sets flag. It is set only once, because goroutines share the record.
func (a *ActiveSpan) note(flag uint32) {
	if !a.has(flag) {
		a.flags.Or(flag)
	}
}

// Prepare makes a, which must be zero, the record of s.
func (s *Handle) Prepare(a *ActiveSpan) { s.record.Store(a) }

// Entry is a record with a frame. By the frame, its span is entered, or the request that has the
// span is run.
type Entry struct {
	Frame  Frame // first: it finds itself by its alignment
	Record ActiveSpan
}

// NewEntry returns an Entry for entering a span on the calling goroutine.
func NewEntry() *Entry { return made[Entry](ambient.Get()) }

// Crowded reports whether the calling goroutine has labels of the user's.
func Crowded() bool { return ambient.Crowded(ambient.Get()) }

// RunEntry is a record with a frame and a lifetime, by which the request that has its span is run.
// They are one allocation, because an inheritor holds all of them anyway.
type RunEntry struct {
	root
	record ActiveSpan
}

// root is the frame and the lifetime by which a request is run.
type root struct {
	Frame // first: it finds itself by its alignment
	life  Lifetime
}

// PrepareRun is Prepare with what is needed to run a request: e, and c, which is in s's allocation.
// Both must be zero. They are taken once, by the run or when s is over.
func (s *Handle) PrepareRun(e *RunEntry, c *Context) {
	e.life.cell.ctx.Store(c)
	e.record.prev.Store(e.Slot())
	e.record.flags.Store(spare)
	s.record.Store(&e.record)
}

// takeSpare returns what is needed to run a request, or nil. a is its span, and may be nil.
func (a *ActiveSpan) takeSpare() (*root, *Context) {
	if a == nil || !a.has(spare) || a.flags.And(^uint32(spare))&spare == 0 {
		return nil, nil
	}
	n := ambient.Cast[root](ambient.Direct[Payload](a.prev.Load()))
	return n, n.life.cell.ctx.Swap(nil)
}

// handle returns the handle of a's span, or nil if the span is over or has no handle.
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

// spans returns the Spans that a, which may be nil, belongs to. It returns nil if a does not belong,
// or no longer belongs, to any.
func (a *ActiveSpan) spans() *Spans {
	if a == nil {
		return nil
	}
	return a.tree.Load().load()
}

// adopt returns the record by which a is known in r. r is run in a, which may be nil.
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

// list adds b to r's spans, at a's place. b ends with a.
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

// Ended reports whether the span has ended.
func (a *ActiveSpan) Ended() bool { return a.has(ended) }

// Span returns a's span, even if it has ended; nil if a is nil, or if no child needs the span any
// more.
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
