// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/goroutine"
)

// labels answers pprof.Do and SetGoroutineLabels. If the goroutine works for the same request, the
// answer is its own frame, so that Do inside a nested Run keeps what the Run has set, with the
// user's labels as c has them.
//
// On a goroutine of another request, or of no request, c is a visitor: pprof.Do asks twice, at its
// beginning for the labels to add to, and at its end for the labels to set. Then the goroutine gets
// back what it had; otherwise it would work for c's request for good.
func (c *Context) labels() any {
	slot := ambient.Get()
	l := c.labelled.Load()
	visited := l != nil && l.visited.Load()
	if visited {
		if v := l.leave(); v != nil && !v.own {
			return v.back.LabelValue()
		}
	}
	st := read(slot)
	own := st.frame != nil && st.like(c)
	if (!own || visited) && asks("runtime/pprof.WithLabels") {
		c.labelling().visit(&visit{goroutine: goroutine.ID(), back: slot, own: own})
	}
	if own {
		return labelled(st.frame, c.user).LabelValue()
	}
	l = c.labelling()
	if f := l.frame.Load(); f != nil {
		return f.LabelValue()
	}
	l.frame.CompareAndSwap(nil, c.carry())
	return l.frame.Load().LabelValue()
}

// labelling is the state of a Context that was asked for labels.
type labelling struct {
	frame   atomic.Pointer[Frame] // for goroutines that it is foreign to
	visits  *visit
	visited atomic.Bool // visits is not nil
}

func (c *Context) labelling() *labelling {
	if l := c.labelled.Load(); l != nil {
		return l
	}
	c.labelled.CompareAndSwap(nil, new(labelling))
	return c.labelled.Load()
}

// asks reports whether the function with that name asks for the labels, called by pprof.Do.
func asks(name string) bool {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for more, asked := true, false; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case f.Function == name:
			asked = true
		case f.Function == "runtime/pprof.labelValue":
		case strings.HasPrefix(f.Function, "runtime/pprof."):
			return asked && strings.HasPrefix(f.Function, "runtime/pprof.Do")
		case asked:
			return strings.HasPrefix(f.Function, "runtime.") // a panic, or Goexit, makes Do's deferred call
		}
	}
	return false
}

// visit is a pprof.Do with a Context that is foreign to the goroutine.
type visit struct {
	goroutine int64
	back      ambient.Slot // what it had before
	own       bool         // it is not foreign, but inside such a Do
	next      *visit
}

// visiting guards the visits of all Contexts, which are few and short.
var visiting sync.Mutex

func (l *labelling) visit(v *visit) {
	visiting.Lock()
	defer visiting.Unlock()
	v.next, l.visits = l.visits, v
	l.visited.Store(true)
}

// leave returns the goroutine's last visit, if it is about to end: pprof.Do always ends it.
func (l *labelling) leave() *visit {
	if !asks("runtime/pprof.SetGoroutineLabels") {
		return nil
	}
	id := goroutine.ID()
	visiting.Lock()
	defer visiting.Unlock()
	for at := &l.visits; *at != nil; at = &(*at).next {
		if v := *at; v.goroutine == id {
			*at = v.next
			l.visited.Store(l.visits != nil)
			return v
		}
	}
	return nil
}

// carry returns a frame for what c has.
func (c *Context) carry() *Frame {
	f := new(Frame)
	if c.of != nil {
		life := c.of.Life()
		f.Payload.life = life
		f.Payload.cell = life.nest(&life.cell, c.values, c)
	} else {
		f.Payload.life = &outside
		f.Payload.cell = new(Cell)
		f.Payload.cell.set(c.values, c)
	}
	if c.span != nil {
		f.Payload.own = c.span.record()
	}
	f.Init(c.of.label(), c.of.idLabel(), c.user)
	f.Payload.own.mark(f)
	return f
}

// like reports whether the goroutine's state is what c became there: they belong to the same
// request, and c has nothing if the goroutine has nothing.
func (st *state) like(c *Context) bool {
	if st.values == nil && st.owner() == nil {
		return c.values.Len() == 0 && c.of == nil
	}
	return st.owner() == c.of
}

// labelled returns f, or a frame like it, with the user's labels in user.
func labelled(f *Frame, user ambient.Slot) *Frame {
	if ambient.SameLabels(f.Slot(), user) {
		return f
	}
	p := &f.Payload
	g := newFrame(user)
	g.Payload = *p
	r := p.life.request()
	g.Init(r.label(), r.idLabel(), user)
	p.active().mark(g)
	return g
}
