// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
)

// Snapshot is a whole context, kept. The zero Snapshot is empty.
//
// It is four words long: with a fifth, the closure of a bound function would be a third larger.
type Snapshot struct {
	values *bindings.Map
	at     *Context // the ambient context; if that of a request is gone, one that leads only to the request
	active *ActiveSpan
	task   uint64
}

// Capture puts into s, which must be zero, what the calling goroutine has. It works in place, because
// a value that is written word by word is slow to copy right after. It repeats the common case of
// [of] and Payload.active, because each call is measurable.
func (s *Snapshot) Capture() {
	var f *Frame
	if slot := ambient.Get(); ambient.IsFrame(slot) {
		f = ambient.Direct[Payload](slot)
	} else if f = among(slot); f == nil {
		return
	}
	p := &f.Payload
	if p.life.Ended() && p.life.late() {
		return
	}
	s.values, s.at, s.task = p.cell.load(), p.cell.ctx.Load(), p.task
	if p.life == &outside {
		s.active = p.own.capture()
		return
	}
	if s.at == nil {
		s.at = &Context{of: p.life.request()}
	}
	if p.own != nil || !p.life.OfRequest() {
		s.active = p.active().capture()
	}
}

// ctx returns the ambient context, or nil.
func (s *Snapshot) ctx() *Context {
	if s.at == nil || s.at.Context == nil {
		return nil
	}
	return s.at
}

// FromContext returns what ctx carries, and whether it carries anything.
func FromContext(ctx context.Context) (Snapshot, bool) {
	c := Carried(ctx)
	if c == nil {
		return Snapshot{}, false
	}
	a, span := activeFrom(ctx)
	return Snapshot{values: c.values, active: a.capture(), at: wrap(ctx, c, span.span(), ambient.Get())}, true
}

// Task returns the id of the bound work in which s was captured.
func (s Snapshot) Task() uint64 { return s.task }

// InTask returns s as the bound work with that id.
func (s Snapshot) InTask(id uint64) Snapshot {
	s.task = id
	return s
}

// Owner returns the request that s belongs to, or nil.
func (s Snapshot) Owner() *Request { return s.at.Owner() }

// Context returns a context with parent's deadline and cancellation that carries s,
// and answers for the keys of s's own context before parent does.
func (s Snapshot) Context(parent context.Context) context.Context {
	return join(parent, &s)
}

// Bound returns the slot that follows under when exactly s is set, and the lifetime that the caller
// ends with the work, or nil if there is none to end. In a request, bound work has its own
// lifetime, so that what the work itself starts is good as long as the work runs. The lifetime is
// not in the frame's allocation, because spans of the work lead to it, and the frame to the
// previous span.
func Bound(under ambient.Slot, s *Snapshot) (ambient.Slot, *Lifetime) {
	if *s == (Snapshot{}) {
		return Outside(under), nil
	}
	of := s.Owner()
	if of == nil {
		n := made[celled](under)
		n.cell.set(s.values, s.at)
		n.Payload = Payload{cell: &n.cell, life: &outside, own: s.active.liveRecord(), task: s.task}
		n.Init("", "", under)
		n.Payload.own.mark(&n.Frame)
		return n.Slot(), nil
	}
	f, w := newWork(s.active == nil && !ambient.Crowded(under))
	if f == nil {
		f = newFrame(under)
	}
	w.InitBound(&of.Life().Term)
	w.tree.hold(&of.spans)
	w.cell.set(s.values, s.ctx())
	if s.active != nil {
		w.origin.Store(s.active)
	}
	f.Payload = Payload{cell: &w.cell, life: &w.Lifetime, task: s.task}
	f.Init(of.label(), of.idLabel(), under)
	s.active.mark(f)
	return f.Slot(), &w.Lifetime
}

// celled is a frame outside requests with a cell, and no values itself.
type celled struct {
	Frame
	cell Cell
}

// newWork returns a lifetime for bound work, and a frame if the two are to be in one allocation: it
// will lead to no span.
func newWork(together bool) (*Frame, *work) {
	if !together {
		return nil, new(work)
	}
	n := new(struct {
		Frame
		work
	})
	return &n.Frame, &n.work
}

// OverContext returns the slot that follows under when ctx, and what it carries, becomes ambient,
// the context to hand on, and the lifetime to end, as Bound does. A request that ctx carries is
// bound even if the goroutine has inherited it, because that may expire meanwhile.
func OverContext(ctx context.Context, under ambient.Slot) (ambient.Slot, context.Context, *Lifetime) {
	st := read(under)
	c := Carried(ctx)
	a, handle := activeFrom(ctx)
	s, span := Snapshot{active: a}, handle.span()
	values, of := st.merge(c)
	if of != nil {
		s.active = of.adopt(a, handle).capture()
	}
	if of == nil || st.owner() == of {
		if s.active == nil {
			s.active = st.active().capture()
		}
		s.task = st.task()
	}
	if span == nil {
		span = s.active.Nearest()
	}
	s.at = &Context{values: values, of: of, span: span, user: ambient.Without(under)}
	s.at.over(ctx)
	if s.values = values; values == nil {
		s.values = unset
	}
	if c != nil && c.of != nil {
		slot, life := Bound(under, &s)
		return slot, s.at, life
	}
	return st.over(&s), s.at, nil
}

// over returns the slot that follows when s, of the same request as st, is set.
func (st *state) over(s *Snapshot) ambient.Slot {
	if life := st.life(); life != nil {
		f := newFrame(st.under)
		st.init(f, life.nest(st.frame.Payload.cell, s.values, s.at))
		if s.active != st.active() {
			f.Payload.own = s.active
		}
		return f.Slot()
	}
	n := made[celled](st.under)
	n.cell.set(s.values, s.at)
	st.init(&n.Frame, &n.cell)
	n.Payload.own = s.active
	return n.Slot()
}

// merge returns the values that are set when c becomes ambient over st, and the request that they
// belong to. Two requests never mix.
func (st *state) merge(c *Context) (*bindings.Map, *Request) {
	low, top := st.values, c.Values()
	of := st.owner()
	if c != nil && c.of != nil {
		if of != nil && of != c.of {
			low = nil
		}
		of = c.of
	}
	return bindings.Over(low, top), of
}

// Open returns the slot that follows under when r runs with ctx, and the context to hand to it.
func (r *Request) Open(ctx context.Context, under ambient.Slot) (ambient.Slot, context.Context) {
	st := read(under)
	a, span := activeFrom(ctx)
	f, life, c := r.root(a, under)
	c.of, c.span, c.user = r, span.span(), ambient.Without(under)
	carried := Carried(ctx)
	r.claim(c.span, carried)
	a = r.adopt(a, span)
	c.values, _ = st.merge(carried)
	c.over(ctx)
	f.Payload = Payload{cell: r.open(life, c), life: life, own: a}
	f.Init(r.label(), r.idLabel(), under)
	a.mark(f)
	return f.Slot(), c
}

// root returns a frame over under to run r by, r's lifetime, and a zero Context. a is r's span, and
// may be nil.
func (r *Request) root(a *ActiveSpan, under ambient.Slot) (*Frame, *Lifetime, *Context) {
	life := r.life.Load()
	if ambient.Crowded(under) {
		if a == nil && life == nil {
			n := made[root](under) // as below
			return &n.Frame, r.lives(&n.life), new(Context)
		}
		if life == nil {
			life = new(Lifetime)
		}
		return newFrame(under), r.lives(life), new(Context)
	}
	n, c := a.takeSpare()
	if c == nil {
		c = new(Context)
	}
	switch {
	case n != nil:
	case a == nil && life == nil:
		n = new(root) // it leads to no span, so that r may lead to it
	case life == nil:
		return new(Frame), r.lives(new(Lifetime)), c
	default:
		return new(Frame), life, c
	}
	return &n.Frame, r.lives(&n.life), c
}

// lives makes life r's lifetime, unless it has one, and returns r's lifetime.
func (r *Request) lives(life *Lifetime) *Lifetime {
	if r.life.Load() != nil {
		return r.life.Load()
	}
	life.Init()
	life.tree.hold(&r.spans)
	if r.life.CompareAndSwap(nil, life) {
		life.Linger().Default(&r.linger)
	}
	return r.life.Load()
}

// open begins a run of r with what c has, and returns the cell that leads to it: life's own for the
// first run. A run inside, beside or after the first one has another cell, because the first may
// still be read.
func (r *Request) open(life *Lifetime, c *Context) *Cell {
	life.Begin()
	if life.tree.spans.Load() == nil { // nothing lets go of it any more
		life.tree.hold(&r.spans)
	}
	values := c.values
	if values == nil {
		values = unset
	}
	if life.cell.values.CompareAndSwap(nil, values) {
		life.cell.ctx.Store(c)
		return &life.cell
	}
	return life.nest(&life.cell, values, c)
}
