// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
)

// solo is a frame outside requests: it never expires, so frame, cell, values and binding can be one
// allocation.
type solo[T any] struct {
	plain
	binding bindings.Binding[T]
}

// plain is solo without a binding.
type plain struct {
	Frame
	cell   Cell
	values bindings.Map
}

// plainSize is at least the size of a plain and a Head.
const plainSize = 256

// made returns a T, which begins with a Frame, for a frame over under: with room for the user's
// labels if there are any, and they fit.
func made[T any](under ambient.Slot) *T {
	if !ambient.Crowded(under) || !ambient.FitsRoom[T](0) {
		return new(T)
	}
	n := new(struct {
		made T
		room ambient.Room
	})
	ambient.Cast[Frame](&n.made).Reserve(&n.room)
	return &n.made
}

func newFrame(under ambient.Slot) *Frame { return made[Frame](under) }

// valued is the part of a frame in a request that has to go when it expires.
type valued[T any] struct {
	values  bindings.Map
	binding bindings.Binding[T]
}

// With returns the slot that follows under when k is bound to value.
func With[T any](under ambient.Slot, k *bindings.Key, value T) ambient.Slot {
	st := read(under)
	if st.values.Full() || !ambient.Fits[T](plainSize) {
		return st.bind(bindings.New(k, value))
	}
	if st.life() == nil {
		n := made[solo[T]](under)
		n.values.Set(st.values, n.binding.Bind(k, &n.values, value))
		return st.plain(&n.plain)
	}
	n := new(valued[T])
	n.values.Set(st.values, n.binding.Bind(k, &n.values, value))
	return st.nested(&n.values)
}

// Without returns the slot that follows under when k is unset.
func Without(under ambient.Slot, k *bindings.Key) ambient.Slot {
	st := read(under)
	if st.values.Find(k) == nil {
		return under
	}
	if st.life() == nil {
		n := made[plain](under)
		n.values.Remove(st.values, k)
		return st.plain(n)
	}
	v := new(bindings.Map)
	v.Remove(st.values, k)
	return st.nested(v)
}

// bind returns the slot that follows when h, which stands alone, is bound.
func (st *state) bind(h *bindings.Head) ambient.Slot {
	if st.life() == nil {
		n := made[plain](st.under)
		n.values.Set(st.values, h)
		return st.plain(n)
	}
	v := new(bindings.Map)
	v.Set(st.values, h)
	return st.nested(v)
}

// plain returns the slot that follows outside requests when n's values are set.
func (st *state) plain(n *plain) ambient.Slot {
	n.cell.set(&n.values, st.ctx())
	st.init(&n.Frame, &n.cell)
	return n.Slot()
}

// nested returns the slot that follows in a request when v is set.
func (st *state) nested(v *bindings.Map) ambient.Slot {
	f := newFrame(st.under)
	st.init(f, st.life().nest(st.frame.Payload.cell, v, st.ctx()))
	return f.Slot()
}

// Disable unsets k on the calling goroutine.
func Disable(k *bindings.Key) {
	under := ambient.Get()
	if slot := Without(under, k); slot != under {
		cover(under)
		enter(slot)
	}
}

// Enter binds k to value on the calling goroutine, and returns the arguments for Leave.
func Enter[T any](k *bindings.Key, value T) (e *bindings.Entered[T], before *bindings.Head) {
	st := read(ambient.Get())
	e = bindings.Enter(k, value)
	before = st.values.Find(k)
	cover(st.under)
	enter(st.bind(&e.Head))
	return e, before
}

// Leave binds e's key to before on the calling goroutine, or unsets it if before is nil. If
// something else is bound by now, it only marks e.
func Leave[T any](e *bindings.Entered[T], before *bindings.Head) {
	below := e.Leave(before)
	st := read(ambient.Get())
	switch {
	case st.values.Find(e.Key()) != &e.Head:
	case below == nil:
		enter(Without(st.under, e.Key()))
	default:
		enter(st.bind(below))
	}
}
