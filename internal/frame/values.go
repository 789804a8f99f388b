// SPDX-License-Identifier: Apache-2.0

package frame

import "context"

// A small table has at least one slot free, so that probing ends.
const (
	rootSlots = 8
	maxSmall  = rootSlots - 1
)

// Values is what is set at one moment: an immutable table of bindings, the
// request they belong to and the ambient context. A nil *Values is empty.
//
// The table is copied by whoever binds one more. Up to maxSmall bindings it is
// open-addressed; past that the same slots are the root of a tree whose nodes are
// shared, so that what a copy costs does not grow with what is set. A larger flat
// table was tried: copying it, and collecting the copies, costs a Run under 100
// bindings ten times one under none. A list costs reads their depth.
//
// A binding lives in the allocation of the table that it was bound by, so that a
// Run allocates once. Two rules keep that from holding on to what later tables
// dropped: a binding moves out when a table leaves out something that its home
// has, and trees keep none.
type Values struct {
	n     int
	Ctx   context.Context // nil: none
	Owner *Scope          // the request's, nil outside requests
	slots [rootSlots]*Head
}

// At returns what stands in k's place: its binding, another's, a node or nothing.
// At, Below and Binds are the parts of Find that inline into the fast paths.
func (v *Values) At(k *Key) *Head { return v.slots[k.number.Load()%rootSlots] }

// Below returns what stands in k's place in h, which At returned, if h is a node,
// else nil. One level reaches whatever is set in most programs.
func (h *Head) Below(k *Key) *Head {
	if h == nil || h.key != nil {
		return nil
	}
	return h.node().slots[k.number.Load()/rootSlots%nodeSlots]
}

// Binds reports whether h is k's binding.
func (h *Head) Binds(k *Key) bool { return h != nil && h.key == k }

// Find returns the binding of k, nil if it is unset.
func (v *Values) Find(k *Key) *Head {
	n := k.number.Load()
	if v.n > maxSmall {
		return v.slots[n%rootSlots].find(k, n/rootSlots)
	}
	for ; ; n++ {
		if h := v.slots[n%rootSlots]; h == nil || h.key == k {
			return h
		}
	}
}

// Lookup is Find for a v that may be nil.
func (v *Values) Lookup(k *Key) *Head {
	if v == nil {
		return nil
	}
	return v.Find(k)
}

// Len returns how many keys are set.
func (v *Values) Len() int {
	if v == nil {
		return 0
	}
	return v.n
}

// each calls f with every binding.
func (v *Values) each(f func(*Head)) {
	if v == nil {
		return
	}
	for _, h := range v.slots {
		h.each(f)
	}
}
