// SPDX-License-Identifier: Apache-2.0

package bindings

import "github.com/asynclocal/asynclocal/internal/ambient"

const nodeSlots = 16

// node is the inner node of a tree of bindings, distinguished from a binding by its nil key.
// Numbers are unique, so two keys diverge somewhere on the way down.
type node struct {
	Head
	slots [nodeSlots]*Head
}

func (h *Head) node() *node { return ambient.Cast[node](h) }

// find returns the binding of k in the tree h; n is what is left of k's number.
func (h *Head) find(k *Key, n uint64) *Head {
	for h != nil && h.key == nil {
		h, n = h.node().slots[n%nodeSlots], n/nodeSlots
	}
	if h == nil || h.key != k {
		return nil
	}
	return h
}

// with returns the tree h with b bound in it, at a place where div of the keys' numbers is used up.
// h is not changed.
func (h *Head) with(b *Head, div uint64) *Head {
	if h == nil || h.key == b.key {
		return b
	}
	c := new(node)
	if h.key == nil {
		c.slots = h.node().slots
	} else {
		c.slots[h.key.number.Load()/div%nodeSlots] = h
	}
	s := &c.slots[b.key.number.Load()/div%nodeSlots]
	*s = (*s).with(b, div*nodeSlots)
	return &c.Head
}

// without returns the tree h without k, which is in it; nil if nothing is left.
func (h *Head) without(k *Key, n uint64) *Head {
	if h.key == k {
		return nil
	}
	c := new(node)
	c.slots = h.node().slots
	s := &c.slots[n%nodeSlots]
	*s = (*s).without(k, n/nodeSlots)
	if c.slots == (node{}).slots {
		return nil
	}
	return &c.Head
}

func (h *Head) each(f func(*Head)) {
	switch {
	case h == nil:
	case h.key != nil:
		f(h)
	default:
		for _, below := range h.node().slots {
			below.each(f)
		}
	}
}
