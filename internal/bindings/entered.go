// SPDX-License-Identifier: Apache-2.0

package bindings

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Entered is a binding that is not made for a function: leaving undoes it.
//
// It does not keep the binding that it replaced alive, because a goroutine may enter again and
// again and never leave. Only once it was left does it keep that one, for other bindings entered
// over it, which must not bring it back when they leave.
type Entered[T any] struct {
	Binding[T]
	left atomic.Pointer[below]
}

// below is the binding below one that was left, or nil.
type below struct{ head *Head }

// entered is the home of every Entered, which identifies it. It is empty.
var entered = new(Map)

// Enter returns a binding of k to value that can be left.
func Enter[T any](k *Key, value T) *Entered[T] {
	return &Entered[T]{Binding: Binding[T]{Head: Head{key: k, home: entered}, Value: value}}
}

// Leave marks e, which replaced before, as left, and returns what to bind in e's place: the binding
// below it and below all that was left, standing alone; nil if there is none.
func (e *Entered[T]) Leave(before *Head) *Head {
	before = remaining[T](before)
	e.left.Store(&below{before})
	if before == nil {
		return nil
	}
	return alone(before)
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
