// SPDX-License-Identifier: Apache-2.0

package frame

// set makes v, which is zero, a copy of src in which k is bound to h.
func (v *Values) set(src *Values, k *Key, h *Head) {
	k.use()
	v.follow(src)
	switch n := src.Len(); {
	case n == 0:
	case n > maxSmall:
		v.copySlots(src)
	case src.Find(k) != nil:
		v.copyWithout(src, k)
	case n == maxSmall:
		v.copyGrown(src)
	default:
		v.copySlots(src)
	}
	v.put(h)
}

// remove makes v, which is zero, a copy of src in which k, which is set, is not.
func (v *Values) remove(src *Values, k *Key) {
	v.follow(src)
	v.copyWithout(src, k)
}

// rescope makes v, which is zero, a copy of src for another context or request,
// which shares nothing with src that would hold on to the old one.
func (v *Values) rescope(src *Values) {
	v.follow(src)
	if src.Len() > maxSmall {
		v.copySlots(src)
		return
	}
	src.each(func(h *Head) { v.insert(alone(h)) })
}

// overlay puts top's bindings over v's.
func (v *Values) overlay(top *Values) {
	top.each(func(h *Head) {
		w := Values{Ctx: v.Ctx, Owner: v.Owner}
		w.set(v, h.key, alone(h))
		*v = w
	})
}

func (v *Values) follow(src *Values) {
	if src != nil {
		v.Ctx, v.Owner = src.Ctx, src.Owner
	}
}

func (v *Values) copySlots(src *Values) { v.slots, v.n = src.slots, src.n }

// copyGrown copies src, which is full, into a tree.
func (v *Values) copyGrown(src *Values) {
	v.n = src.n
	src.each(func(h *Head) { v.graft(alone(h)) })
}

// copyWithout copies src less k, which is set, and moves out the bindings whose
// home has k.
func (v *Values) copyWithout(src *Values, k *Key) {
	if src.n > rootSlots {
		v.copySlots(src)
		n := k.number.Load()
		s := &v.slots[n%rootSlots]
		*s = (*s).without(k, n/rootSlots)
		v.n--
		return
	}
	src.each(func(h *Head) {
		switch {
		case h.key == k:
		case h.home != nil && h.home.Find(k) != nil:
			v.insert(alone(h))
		default:
			v.insert(h)
		}
	})
}

// put binds h in v, which is not shared yet. In a small table h's key is unset.
func (v *Values) put(h *Head) {
	if v.n < maxSmall {
		v.insert(h)
		return
	}
	if v.slots[h.key.number.Load()%rootSlots].find(h.key, h.key.number.Load()/rootSlots) == nil {
		v.n++
	}
	v.graft(h)
}

// insert stores h in the next free slot of a small table.
func (v *Values) insert(h *Head) {
	i := h.key.number.Load()
	for v.slots[i%rootSlots] != nil {
		i++
	}
	v.slots[i%rootSlots] = h
	v.n++
}

// graft stores h in a tree.
func (v *Values) graft(h *Head) {
	s := &v.slots[h.key.number.Load()%rootSlots]
	*s = (*s).with(h, rootSlots)
}
