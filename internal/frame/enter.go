// SPDX-License-Identifier: Apache-2.0

package frame

import "github.com/asynclocal/asynclocal/internal/ambient"

// solo is a frame outside requests: it never expires, so that frame, cell,
// values and binding can be one allocation.
type solo[T any] struct {
	Frame
	cell    Cell
	values  Values
	binding Binding[T]
}

// soloSize is at least the size of a solo without its value: a frame must not be in a
// larger allocation than it can be found in.
const soloSize = 256

// valued is the part of a frame in a request that has to go when it expires.
type valued[T any] struct {
	values  Values
	binding Binding[T]
}

// state is what a new frame takes over from the one that a slot holds.
type state struct {
	under  ambient.Slot
	frame  *Frame // nil: none, or expired
	values *Values
}

func read(under ambient.Slot) state {
	st := state{under: under, frame: ambient.Of[Payload](under)}
	if st.frame == nil {
		return st
	}
	st.values = st.frame.Payload.Values()
	if st.frame.Payload.scope.Expired() {
		st.frame, st.values = nil, nil
	}
	return st
}

// scope returns the scope that frames over st belong to, nil outside requests.
func (st *state) scope() *Scope {
	if st.frame == nil || st.frame.Payload.scope == &outside {
		return nil
	}
	return st.frame.Payload.scope
}

func (st *state) active() *Active {
	if st.frame == nil {
		return nil
	}
	return st.frame.Payload.active
}

func (st *state) task() uint64 {
	if st.frame == nil {
		return 0
	}
	return st.frame.Payload.task
}

// init prepares f over st: the same scope, span and labels.
func (st *state) init(f *Frame, cell *Cell) {
	f.Payload.cell, f.Payload.scope = cell, &outside
	if st.frame == nil {
		f.Init("", "", st.under)
		return
	}
	above := &st.frame.Payload
	f.Payload.scope, f.Payload.active, f.Payload.task = above.scope, above.active, above.task
	f.Init(f.Payload.scope.label(), f.Payload.scope.idLabel(), st.under)
}

// With returns the slot that follows under when k is bound to value.
func With[T any](under ambient.Slot, k *Key, value T) ambient.Slot {
	st := read(under)
	if st.values.Len() >= maxSmall || st.scope() == nil && !ambient.Fits[T](soloSize) {
		return st.bind(NewHead(k, value))
	}
	if st.scope() == nil {
		n := new(solo[T])
		n.values.set(st.values, k, n.binding.bind(k, &n.values, value))
		n.cell.values.Store(&n.values)
		st.init(&n.Frame, &n.cell)
		return n.Slot()
	}
	n := new(valued[T])
	n.values.set(st.values, k, n.binding.bind(k, &n.values, value))
	return st.inScope(&n.values, st.active())
}

func (st *state) inScope(v *Values, a *Active) ambient.Slot {
	f, c := st.frame.Payload.child()
	if c == nil {
		c = &nothing
	} else {
		c.values.Store(v)
	}
	st.init(f, c)
	f.Payload.active = a
	return f.Slot()
}

// plain is solo without a binding.
type plain struct {
	Frame
	cell   Cell
	values Values
}

// Without returns the slot that follows under when k is unset.
func Without(under ambient.Slot, k *Key) ambient.Slot {
	st := read(under)
	if st.values.Lookup(k) == nil {
		return under
	}
	if st.scope() == nil {
		n := new(plain)
		n.values.remove(st.values, k)
		n.cell.values.Store(&n.values)
		st.init(&n.Frame, &n.cell)
		return n.Slot()
	}
	v := new(Values)
	v.remove(st.values, k)
	return st.inScope(v, st.active())
}

// bind returns the slot that follows when h, which stands alone, is bound.
func (st *state) bind(h *Head) ambient.Slot {
	if st.scope() == nil {
		n := new(plain)
		n.values.set(st.values, h.key, h)
		n.cell.values.Store(&n.values)
		st.init(&n.Frame, &n.cell)
		return n.Slot()
	}
	v := new(Values)
	v.set(st.values, h.key, h)
	return st.inScope(v, st.active())
}

// over returns the slot that follows when v is what is set, and a active.
func (st *state) over(v *Values, a *Active) ambient.Slot {
	if st.scope() != nil {
		return st.inScope(v, a)
	}
	n := new(struct {
		Frame
		cell Cell
	})
	n.cell.set(v)
	st.init(&n.Frame, &n.cell)
	n.Payload.active = a
	return n.Slot()
}
