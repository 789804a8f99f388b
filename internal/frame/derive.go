// SPDX-License-Identifier: Apache-2.0

package frame

// maxProbe is how far from its place a binding may stand before the table grows:
// it keeps a read's cost the same however many keys are set.
const maxProbe = 3

// set makes v, which is zero, a copy of src in which k is bound to h.
func (v *Values) set(src *Values, k *Key, h *Head) {
	v.follow(src)
	switch {
	case src == nil || src.n == 0:
		v.slots = v.inline[:]
	case src.Find(k) != nil:
		v.copyReplacing(src, k, h)
		return
	case len(src.slots) == inlineSlots && src.n+1 == inlineSlots:
		v.copyGrown(src)
	default:
		v.copySlots(src)
	}
	v.put(h)
}

// copyReplacing copies src with h in the place of k's binding. The others that
// live in a home that has k move out of it.
func (v *Values) copyReplacing(src *Values, k *Key, h *Head) {
	v.copySlots(src)
	if len(v.slots) > inlineSlots {
		v.slots[v.index(k)] = h
		return
	}
	for i, o := range v.slots {
		switch {
		case o == nil:
		case o.key == k:
			v.slots[i] = h
		case o.home != nil && o.home.Find(k) != nil:
			v.slots[i] = alone(o)
		}
	}
}

// index returns where k, which is set, stands.
func (v *Values) index(k *Key) uint32 {
	mask := uint32(len(v.slots) - 1)
	i := k.hash & mask
	for v.slots[i].key != k {
		i = (i + 1) & mask
	}
	return i
}

// remove makes v, which is zero, a copy of src in which k is unset.
func (v *Values) remove(src *Values, k *Key) {
	v.follow(src)
	v.copyWithout(src, k)
}

// rescope makes v, which is zero, a copy of src for another context or request,
// which shares nothing with src that would hold on to the old one.
func (v *Values) rescope(src *Values) {
	v.alloc(tableSize(src))
	src.each(func(h *Head) { v.insert(alone(h)) })
	v.follow(src)
}

// overlay puts top's bindings over v's.
func (v *Values) overlay(top *Values) {
	top.each(func(h *Head) {
		if v.Find(h.key) != nil {
			w := new(Values)
			w.copyWithout(v, h.key)
			v.slots, v.n = w.slots, w.n
		}
		v.put(alone(h))
	})
}

func (v *Values) follow(src *Values) {
	if src != nil {
		v.Ctx, v.Owner = src.Ctx, src.Owner
	}
}

func tableSize(src *Values) int {
	if src == nil {
		return inlineSlots
	}
	return max(inlineSlots, len(src.slots))
}

func (v *Values) alloc(size int) {
	if size <= inlineSlots {
		v.slots = v.inline[:]
		return
	}
	v.slots = make([]*Head, size)
}

func (v *Values) copySlots(src *Values) {
	v.alloc(len(src.slots))
	copy(v.slots, src.slots)
	v.n = src.n
}

// copyGrown copies src, whose table is full, into one past the inline size.
func (v *Values) copyGrown(src *Values) {
	v.alloc(2 * inlineSlots)
	src.each(func(h *Head) { v.insert(alone(h)) })
}

// copyWithout copies src less k, and moves out the bindings whose home has k.
func (v *Values) copyWithout(src *Values, k *Key) {
	if len(src.slots) > inlineSlots {
		v.copySlots(src)
		v.delete(k)
		return
	}
	v.slots = v.inline[:]
	for _, h := range src.slots {
		switch {
		case h == nil || h.key == k:
		case h.home != nil && h.home.Find(k) != nil:
			v.insert(alone(h))
		default:
			v.insert(h)
		}
	}
}

// put binds h, whose key is unset, and grows the table where it is crowded.
func (v *Values) put(h *Head) {
	if 8*(v.n+1) > 7*len(v.slots) {
		v.grow()
	}
	for v.insert(h) > maxProbe && len(v.slots) > inlineSlots && len(v.slots) < 4*v.n {
		v.delete(h.key)
		v.grow()
	}
}

// insert stores h in the next free slot and returns how far from its place.
func (v *Values) insert(h *Head) int {
	mask := uint32(len(v.slots) - 1)
	for d := 0; ; d++ {
		if i := (h.key.hash + uint32(d)) & mask; v.slots[i] == nil {
			v.slots[i] = h
			v.n++
			return d
		}
	}
}

func (v *Values) grow() {
	old := v.slots
	v.slots, v.n = make([]*Head, 2*len(old)), 0
	for _, h := range old {
		if h != nil {
			v.insert(h)
		}
	}
}

// delete unsets k, which is set, and closes the gap that it leaves.
func (v *Values) delete(k *Key) {
	mask := uint32(len(v.slots) - 1)
	i := v.index(k)
	v.slots[i] = nil
	v.n--
	for i = (i + 1) & mask; v.slots[i] != nil; i = (i + 1) & mask {
		h := v.slots[i]
		v.slots[i] = nil
		v.n--
		v.insert(h)
	}
}
