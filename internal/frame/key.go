// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Key identifies a Storage, by its address. The zero Key is usable.
type Key struct {
	hash uint32
	Name string
}

var keys atomic.Uint32

// NewKey returns a key whose hash is the next number: programs make few keys,
// early, and consecutive numbers never collide in a table that has room for them.
func NewKey(name string) Key { return Key{hash: keys.Add(1), Name: name} }

// Head is the part of a binding that a table needs to know.
type Head struct {
	key   *Key
	home  *Values // the table it was allocated with, nil if it stands alone
	clone func(*Head) *Head
}

// Binding is a value bound to a key.
type Binding[T any] struct {
	Head
	Value T
}

// ValueOf returns the value bound by h, which the caller found under a key whose
// Storage has values of type T.
func ValueOf[T any](h *Head) *T { return &ambient.Cast[Binding[T]](h).Value }

func (b *Binding[T]) bind(k *Key, home *Values, value T) *Head {
	b.Head = Head{key: k, home: home, clone: cloneOf[T]}
	b.Value = value
	return &b.Head
}

func cloneOf[T any](h *Head) *Head {
	b := *ambient.Cast[Binding[T]](h)
	b.home = nil
	return &b.Head
}
