// SPDX-License-Identifier: Apache-2.0

package frame

import "context"

// inlineSlots is the size of the table that a Values has within itself.
const inlineSlots = 8

// Values is what is set at one moment: an immutable table of bindings, the
// request they belong to and the ambient context. A nil *Values is empty.
//
// The table is open-addressed, and copied by whoever binds one more. A tree that
// shares its nodes was tried: it saves copying from some thirty bindings on, and
// costs every read an indirection. A list costs reads their depth.
//
// A binding lives in the allocation of the table that it was bound by, so that a
// Run allocates once. Two rules keep that from holding on to what later tables
// dropped: a binding moves out when a table leaves out something that its home
// has, and tables past the inline size keep none.
type Values struct {
	slots  []*Head // a power of two of them, at least one of them nil
	n      int
	Ctx    context.Context // nil: none
	Owner  *Scope          // the request's, nil outside requests
	inline [inlineSlots]*Head
}

// Find returns the binding of k, nil if it is unset.
func (v *Values) Find(k *Key) *Head {
	i := k.hash & uint32(len(v.slots)-1)
	if h := v.slots[i]; h == nil || h.key == k {
		return h
	}
	return v.probe(k, i)
}

//go:noinline
func (v *Values) probe(k *Key, i uint32) *Head {
	for {
		i = (i + 1) & uint32(len(v.slots)-1)
		if h := v.slots[i]; h == nil || h.key == k {
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
		if h != nil {
			f(h)
		}
	}
}
