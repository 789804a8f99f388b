// SPDX-License-Identifier: Apache-2.0

package bindings

// Set makes m, which must be zero, a copy of src in which h's key is bound by h.
func (m *Map) Set(src *Map, h *Head) {
	h.key.use()
	switch {
	case src.Len() == 0:
	case src.tree:
		m.copy(src)
	case src.Find(h.key) != nil:
		m.copyWithout(src, h.key)
	case src.n == maxSmall:
		m.copy(src.Free())
	default:
		m.copy(src)
	}
	m.put(h)
}

// Remove makes m, which must be zero, a copy of src without k, which must be set in src.
func (m *Map) Remove(src *Map, k *Key) {
	if src.tree {
		m.copy(src)
		m.cut(k)
		return
	}
	m.copyWithout(src, k)
}

// Over returns a table with what top has and, for keys that it does not have, what low has; nil if
// both are empty. It leads only to values, like the result of Free.
func Over(low, top *Map) *Map {
	low, top = low.Free(), top.Free()
	if low == nil || low == top {
		return top
	}
	if top == nil {
		return low
	}
	m := new(Map)
	m.copy(low)
	m.free.Store(m)
	top.each(m.add)
	return m
}

// add binds h, which stands alone, in m, which is not shared yet, whatever its key is bound to.
func (m *Map) add(h *Head) {
	if m.tree {
		m.put(h)
		return
	}
	i := h.key.number.Load()
	for m.slots[i%rootSlots] != nil && m.slots[i%rootSlots].key != h.key {
		i++
	}
	switch {
	case m.slots[i%rootSlots] != nil:
		m.slots[i%rootSlots] = h
	case m.n == maxSmall-1:
		m.insert(h)
		m.grow()
	default:
		m.insert(h)
	}
}

// grow makes m, which is small and not shared yet, a tree.
func (m *Map) grow() {
	old := m.slots
	m.tree, m.slots = true, [rootSlots]*Head{}
	for _, h := range old {
		if h != nil {
			m.graft(h)
		}
	}
}

// copyWithout copies src, which is small, without k, which is set. What src has must not lead to
// what is left out.
func (m *Map) copyWithout(src *Map, k *Key) {
	if src.n == 1 {
		return
	}
	src = src.Free()
	if src.tree {
		m.copy(src)
		m.cut(k)
		return
	}
	src.each(func(h *Head) {
		if h.key != k {
			m.insert(h)
		}
	})
}

// cut removes k, which is set, from m, which is a tree and not shared yet.
func (m *Map) cut(k *Key) {
	n := k.number.Load()
	s := &m.slots[n%rootSlots]
	*s = (*s).without(k, n/rootSlots)
	if m.n--; m.n == 0 {
		m.tree = false
	}
}

// put binds h in m, which is not shared yet. In a small table h's key is unset.
func (m *Map) put(h *Head) {
	if !m.tree {
		m.insert(h)
		return
	}
	if n := h.key.number.Load(); m.slots[n%rootSlots].find(h.key, n/rootSlots) == nil {
		m.n++
	}
	m.graft(alone(h))
}

// insert stores h in the next free slot of a small table.
func (m *Map) insert(h *Head) {
	i := h.key.number.Load()
	for m.slots[i%rootSlots] != nil {
		i++
	}
	m.slots[i%rootSlots] = h
	m.n++
}

// graft stores h in a tree.
func (m *Map) graft(h *Head) {
	s := &m.slots[h.key.number.Load()%rootSlots]
	*s = (*s).with(h, rootSlots)
}
