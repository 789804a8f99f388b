// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
)

// state is what a new frame takes over from the one that a slot holds.
type state struct {
	under  ambient.Slot
	frame  *Frame // nil: no frame, or an expired one
	values *bindings.Map
}

func read(under ambient.Slot) state {
	st := state{under: under, frame: of(under)}
	if st.frame == nil {
		return st
	}
	if st.frame.Payload.expired() {
		st.frame = nil
		return st
	}
	st.values = st.frame.Payload.cell.load()
	return st
}

// life returns the lifetime that frames over st belong to; nil outside requests.
func (st *state) life() *Lifetime {
	if st.frame == nil || st.frame.Payload.life == &outside {
		return nil
	}
	return st.frame.Payload.life
}

func (st *state) owner() *Request {
	if st.frame == nil {
		return nil
	}
	return st.frame.Payload.life.request()
}

func (st *state) active() *ActiveSpan {
	if st.frame == nil {
		return nil
	}
	return st.frame.Payload.active()
}

func (st *state) ctx() *Context {
	if st.frame == nil {
		return nil
	}
	return st.frame.Payload.cell.ctx.Load()
}

func (st *state) task() uint64 {
	if st.frame == nil {
		return 0
	}
	return st.frame.Payload.task
}

// init prepares f over st: the same lifetime, span and labels.
func (st *state) init(f *Frame, cell *Cell) {
	f.Payload.cell, f.Payload.life = cell, &outside
	if st.frame == nil {
		f.Init("", "", st.under)
		return
	}
	above := &st.frame.Payload
	f.Payload.life, f.Payload.own, f.Payload.task = above.life, above.own, above.task
	r := above.life.request()
	f.Init(r.label(), r.idLabel(), st.under)
}
