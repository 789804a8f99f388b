// SPDX-License-Identifier: Apache-2.0

package frame

import "github.com/asynclocal/asynclocal/internal/ambient"

// labels answers pprof.Do and SetGoroutineLabels: with the goroutine's own frame
// where it works for the same request, so that Do inside a nested Run keeps what
// the Run has set, and with the user's labels as c has them.
func (c *Context) labels() any {
	if st := read(ambient.Get()); st.frame != nil && st.like(c) {
		return labelled(st.frame, c.user).LabelValue()
	}
	if f := c.frame.Load(); f != nil {
		return f.LabelValue()
	}
	f := c.carry()
	c.frame.CompareAndSwap(nil, f)
	return c.frame.Load().LabelValue()
}

// carry returns a frame for what c has.
func (c *Context) carry() *Frame {
	f := new(Frame)
	if c.of != nil {
		f.Payload.life = &c.of.Lifetime
		f.Payload.cell = c.of.nest(&c.of.cell, c.values, c)
	} else {
		f.Payload.life = &outside
		f.Payload.cell = new(Cell)
		f.Payload.cell.set(c.values, c)
	}
	if c.span != nil {
		f.Payload.active = c.span.Record()
	}
	f.Init(f.Payload.life.label(), f.Payload.life.idLabel(), c.user)
	f.Payload.active.mark(f)
	return f
}

// like reports whether what the goroutine has is what became of c there: they belong to
// the same request, and c has nothing if the goroutine has nothing.
func (st *state) like(c *Context) bool {
	if st.values == nil && st.owner() == nil {
		return c.values.Len() == 0 && c.of == nil
	}
	return st.owner() == c.of
}

// labelled returns f, or one like it, with the labels of the user's that user has.
func labelled(f *Frame, user ambient.Slot) *Frame {
	if ambient.SameLabels(f.Slot(), user) {
		return f
	}
	p := &f.Payload
	g := new(Frame)
	g.Payload = *p
	g.Init(p.life.label(), p.life.idLabel(), user)
	p.active.mark(g)
	return g
}
