// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Entered is a binding made for no function: leaving takes it back.
//
// It does not hold on to the one that it took the place of, for a goroutine may
// enter again and again and never leave. Only once it was left does it, for
// others entered over it, whose own leaving must not bring it back.
type Entered[T any] struct {
	Binding[T]
	left atomic.Pointer[below]
}

// below is the binding below one that was left, nil if there was none.
type below struct{ head *Head }

// entered is the home of every Entered, which thereby is recognised. It is empty.
var entered = new(Values)

// Enter binds k to value on the calling goroutine, and returns what Leave wants.
func Enter[T any](k *Key, value T) (e *Entered[T], before *Head) {
	st := read(ambient.Get())
	e = &Entered[T]{Binding: Binding[T]{Head: Head{key: k, home: entered}, Value: value}}
	before = st.values.Lookup(k)
	ambient.Set(st.bind(&e.Head))
	return e, before
}

// Leave binds e's key to before on the calling goroutine, or unsets it where
// before is nil. Where something else is bound by now, e is only marked.
func (e *Entered[T]) Leave(before *Head) {
	before = remaining[T](before)
	e.left.Store(&below{before})
	st := read(ambient.Get())
	switch {
	case st.values.Lookup(e.key) != &e.Head:
	case before == nil:
		ambient.Set(Without(st.under, e.key))
	default:
		ambient.Set(st.bind(alone(before)))
	}
}

// remaining returns h, or what is below it and all that was left.
func remaining[T any](h *Head) *Head {
	for h != nil && h.home == entered {
		u := ambient.Cast[Entered[T]](h).left.Load()
		if u == nil {
			return h
		}
		h = u.head
	}
	return h
}
