// SPDX-License-Identifier: Apache-2.0

package bindings

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Key identifies a Storage, by its address. The zero Key is usable.
type Key struct {
	// number places the key in tables; for a zero Key it is 0 until it is bound.
	number atomic.Uint64
	clone  func(*Head) *Head // nil in a zero Key, whose bindings always stand alone
	Name   string
}

var keys atomic.Uint64

// InitKey makes k, which must be zero, the key of a Storage of T. Its number is the next one:
// programs make few keys, early, and consecutive numbers never collide in a table that has room for
// them.
func InitKey[T any](k *Key, name string) {
	k.clone, k.Name = cloneOf[T], name
	k.number.Store(keys.Add(1))
}

// use gives k, which may be zero, a number before it is bound.
func (k *Key) use() {
	if k.number.Load() == 0 {
		k.number.CompareAndSwap(0, keys.Add(1))
	}
}

// Head is the part of a binding that a table needs to know.
type Head struct {
	key  *Key // nil in a node
	home *Map // the table that shares its allocation; if nil or entered, it stands alone
}

// Key returns the key that h binds.
func (h *Head) Key() *Key { return h.key }

// Binding is a value bound to a key.
type Binding[T any] struct {
	Head
	Value T
}

// ValueOf returns the value bound by h, which the caller must have found under a key whose Storage
// has values of type T.
func ValueOf[T any](h *Head) *T { return &ambient.Cast[Binding[T]](h).Value }

// Bind binds k to value in b, which is part of home's allocation.
func (b *Binding[T]) Bind(k *Key, home *Map, value T) *Head {
	if k.clone == nil {
		return New(k, value)
	}
	b.Head = Head{key: k, home: home}
	b.Value = value
	return &b.Head
}

// Init binds k to value in b, which stands alone.
func (b *Binding[T]) Init(k *Key, value T) *Head {
	b.key, b.Value = k, value
	return &b.Head
}

// New returns a binding of k to value that stands alone.
func New[T any](k *Key, value T) *Head { return new(Binding[T]).Init(k, value) }

// alone returns h, or a copy of it that keeps nothing else alive.
func alone(h *Head) *Head {
	if h.home == nil || h.home == entered {
		return h
	}
	return h.key.clone(h)
}

func cloneOf[T any](h *Head) *Head {
	b := *ambient.Cast[Binding[T]](h)
	b.home = nil
	return &b.Head
}
