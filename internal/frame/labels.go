// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"runtime"
	"strings"
	"sync"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// labels answers pprof.Do and SetGoroutineLabels: with the goroutine's own frame
// where it works for the same request, so that Do inside a nested Run keeps what
// the Run has set, and with the user's labels as c has them.
//
// On a goroutine of another request, or of none, c is a visitor: pprof.Do asks twice, at
// its beginning for what to add labels to, and at its end for what to set. Then the
// goroutine gets back what it had, or it would work for c's request for good.
func (c *Context) labels() any {
	slot := ambient.Get()
	if c.visited.Load() {
		if back, ok := c.leave(ambient.Of[Payload](slot)); ok {
			return back.LabelValue()
		}
	}
	if st := read(slot); st.frame != nil && st.like(c) {
		return labelled(st.frame, c.user).LabelValue()
	}
	if asker() == "runtime/pprof.WithLabels" {
		f := c.carry()
		c.visit(f, slot)
		return f.LabelValue()
	}
	if f := c.frame.Load(); f != nil {
		return f.LabelValue()
	}
	c.frame.CompareAndSwap(nil, c.carry())
	return c.frame.Load().LabelValue()
}

// asker returns the function of runtime/pprof that asks, "" if none does.
func asker() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "runtime/pprof.") && f.Function != "runtime/pprof.labelValue" {
			return f.Function
		}
		if !more {
			return ""
		}
	}
}

// visit is a frame that was made for a foreign goroutine, and what that had before.
type visit struct {
	frame *Frame
	back  ambient.Slot
	next  *visit
}

// maxVisits bounds how many are remembered: WithLabels alone never leaves.
const maxVisits = 64

// visiting guards the visits of all Contexts, which are few and short.
var visiting sync.Mutex

func (c *Context) visit(f *Frame, back ambient.Slot) {
	visiting.Lock()
	defer visiting.Unlock()
	c.visited.Store(true)
	c.visits = &visit{f, back, c.visits}
	last := c.visits
	for range maxVisits {
		if last.next == nil {
			return
		}
		last = last.next
	}
	last.next = nil
}

// leave returns what the goroutine, which has f, had before a visit by that, if it is one and
// about to end.
func (c *Context) leave(f *Frame) (back ambient.Slot, ok bool) {
	if asker() != "runtime/pprof.SetGoroutineLabels" {
		return ambient.Slot{}, false
	}
	visiting.Lock()
	defer visiting.Unlock()
	for at := &c.visits; *at != nil && f != nil; at = &(*at).next {
		if v := *at; v.frame == f {
			*at = v.next
			return v.back, true
		}
	}
	return ambient.Slot{}, false
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
