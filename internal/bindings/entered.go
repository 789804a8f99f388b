// SPDX-License-Identifier: Apache-2.0

package bindings

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
var entered = new(Map)

// Enter returns a binding of k to value that can be left.
func Enter[T any](k *Key, value T) *Entered[T] {
	return &Entered[T]{Binding: Binding[T]{Head: Head{key: k, home: entered}, Value: value}}
}

// Leave marks e as left, which had taken before's place, and returns what to bind in
// the place of e: what is below it and all that was left, alone; nil if nothing is.
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
