// SPDX-License-Identifier: Apache-2.0

package bindings

import "sync/atomic"

// A small table has at least one slot free, so that probing ends.
const (
	rootSlots = 8
	maxSmall  = rootSlots - 1
)

// Map is what is set at one moment: an immutable table of bindings. A nil Map is empty, as is the
// zero one.
//
// Up to maxSmall bindings it is open-addressed; beyond that the same slots are the root of a tree
// whose nodes are shared, so that the cost of a copy does not grow with what is set. Rejected: a
// larger flat table, because copying it, and collecting the copies, makes a Run under 100 bindings
// cost ten times one under no binding; and a list, because a read costs its depth.
type Map struct {
	n     int32
	tree  bool
	slots [rootSlots]*Head
	// free is a copy that shares no allocation with anything, made once: tables that are made over
	// this one again and again, and leave out something of it, start from there.
	free atomic.Pointer[Map]
}

// At returns what is in k's place: its binding, another's, a node or nothing. At, Below and Binds
// are the parts of Find that inline into the fast paths.
func (m *Map) At(k *Key) *Head { return m.slots[k.number.Load()%rootSlots] }

// Below returns what is in k's place in h, which At returned, if h is a node, else nil. One level
// is enough in most programs.
func (h *Head) Below(k *Key) *Head {
	if h == nil || h.key != nil {
		return nil
	}
	return h.node().slots[k.number.Load()/rootSlots%nodeSlots]
}

// Binds reports whether h is k's binding.
func (h *Head) Binds(k *Key) bool { return h != nil && h.key == k }

// Find returns the binding of k, or nil if it is unset. m may be nil.
func (m *Map) Find(k *Key) *Head {
	if m == nil {
		return nil
	}
	n := k.number.Load()
	if m.tree {
		return m.slots[n%rootSlots].find(k, n/rootSlots)
	}
	for ; ; n++ {
		if h := m.slots[n%rootSlots]; h == nil || h.key == k {
			return h
		}
	}
}

// Len returns how many keys are set.
func (m *Map) Len() int {
	if m == nil {
		return 0
	}
	return int(m.n)
}

// Full reports whether one more binding would have to stand alone instead of being in m's
// allocation.
func (m *Map) Full() bool { return m != nil && (m.tree || m.n == maxSmall) }

// each calls f with every binding.
func (m *Map) each(f func(*Head)) {
	if m == nil {
		return
	}
	for _, h := range m.slots {
		h.each(f)
	}
}

// Free returns what m has in a table that leads to its values and to nothing else; nil if m is
// empty. Tables that something outlives hold such a copy.
func (m *Map) Free() *Map {
	if m.Len() == 0 {
		return nil
	}
	if f := m.free.Load(); f != nil {
		return f
	}
	f := new(Map)
	f.free.Store(f)
	switch {
	case m.tree:
		f.copy(m)
	default:
		m.each(func(h *Head) { f.insert(alone(h)) })
		if f.n == maxSmall { // the next one needs a tree
			f.grow()
		}
	}
	if !m.free.CompareAndSwap(nil, f) {
		return m.free.Load()
	}
	return f
}

func (m *Map) copy(src *Map) { m.n, m.tree, m.slots = src.n, src.tree, src.slots }
