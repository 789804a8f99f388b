// SPDX-License-Identifier: Apache-2.0

package bindings

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// table is a Map beside the map that it should equal.
type table struct {
	values *Map
	want   map[*Key]int
}

func newKeys(n int) []Key {
	all := make([]Key, n)
	for i := range all {
		InitKey[int](&all[i], fmt.Sprint("k", i))
	}
	return all
}

// homed is a table and a binding in one allocation, as a Run makes them.
type homed struct {
	values  Map
	binding Binding[int]
}

// set binds k as a Run does, with a home as long as the table is small.
func (t *table) set(k *Key, value int) {
	n := new(homed)
	if t.values.Full() {
		n.values.Set(t.values, New(k, value))
	} else {
		n.values.Set(t.values, n.binding.Bind(k, &n.values, value))
	}
	t.values, t.want[k] = &n.values, value
}

func (t *table) remove(k *Key) {
	if t.values.Find(k) == nil {
		return
	}
	v := new(Map)
	v.Remove(t.values, k)
	t.values = v
	delete(t.want, k)
}

func (t *table) check(tb testing.TB, all []Key) {
	tb.Helper()
	if got := t.values.Len(); got != len(t.want) {
		tb.Fatalf("Len is %d, want %d", got, len(t.want))
	}
	for i := range all {
		k := &all[i]
		want, ok := t.want[k]
		h := t.values.Find(k)
		if (h != nil) != ok || ok && *ValueOf[int](h) != want {
			tb.Fatalf("%s is bound: %v, want %v, %d, with %d set", k.Name, h != nil, ok, want, len(t.want))
		}
		t.checkParts(tb, k, h)
	}
	seen := 0
	t.values.each(func(h *Head) {
		seen++
		if _, ok := t.want[h.key]; !ok {
			tb.Fatalf("each tells of %s, which is unset", h.key.Name)
		}
		if len(t.want) > maxSmall && h.home != nil {
			tb.Fatalf("a tree keeps the home of %s", h.key.Name)
		}
	})
	if seen != len(t.want) {
		tb.Fatalf("each tells of %d bindings, want %d", seen, len(t.want))
	}
}

// checkParts checks what inlines into the fast paths: it may miss, but not lie.
func (t *table) checkParts(tb testing.TB, k *Key, want *Head) {
	tb.Helper()
	if t.values == nil {
		return
	}
	h := t.values.At(k)
	if h.Binds(k) && h != want {
		tb.Fatalf("At of %s lies", k.Name)
	}
	if h = h.Below(k); h.Binds(k) && h != want {
		tb.Fatalf("Below of %s lies", k.Name)
	}
}

func (t *table) copy() table {
	c := table{t.values, map[*Key]int{}}
	for k, v := range t.want {
		c.want[k] = v
	}
	return c
}

func FuzzTablesAreMaps(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x80, 0x81, 0x82})
	f.Add([]byte{0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 0x80 | 8, 0x80 | 16, 8, 16, 16, 16})
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 0xff, 8, 0xff, 0x81, 0xff, 0x82, 0x83, 0x84, 0x85})
	f.Fuzz(func(t *testing.T, program []byte) {
		// Of many keys a few, so that tables have gaps and numbers collide.
		all := newKeys(1 << 10)
		tab := table{want: map[*Key]int{}}
		var kept []table
		for i, op := range program {
			k := &all[int(op&0x7f)*7%len(all)]
			switch {
			case op == 0xff:
				kept = append(kept, tab.copy())
			case op&0x80 != 0:
				tab.remove(k)
			default:
				tab.set(k, i)
			}
			tab.check(t, all)
		}
		// Nothing that came later has changed what was there.
		for _, tab := range kept {
			tab.check(t, all)
		}
	})
}

func TestTablesOfEverySizeFindWhatIsSetAndOnlyThat(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 6, 7, 8, 9, 100, 10_000} {
		t.Run(fmt.Sprint(n, " set"), func(t *testing.T) {
			t.Parallel()
			all := newKeys(n + 10)
			tab := table{want: map[*Key]int{}}
			order := rand.Perm(n)
			for _, i := range order {
				tab.set(&all[i], i)
			}
			tab.check(t, all)
			for _, i := range order {
				tab.remove(&all[i])
			}
			tab.check(t, all)
			for i, h := range tab.values.tableSlots() {
				if h != nil {
					t.Errorf("slot %d is not empty", i)
				}
			}
		})
	}
}

func (v *Map) tableSlots() []*Head {
	if v == nil {
		return nil
	}
	return v.slots[:]
}

func TestKeysWhoseNumbersDifferInTheHighestDigitAloneAreKeptApart(t *testing.T) {
	t.Parallel()
	all := newKeys(64)
	for i := range all {
		all[i].number.Store(5 + uint64(i)<<58)
	}
	tab := table{want: map[*Key]int{}}
	for i := range all {
		tab.set(&all[i], i)
		tab.check(t, all)
	}
	for i := range all {
		tab.remove(&all[i])
		tab.check(t, all)
	}
}

func TestAZeroKeyIsUsable(t *testing.T) {
	t.Parallel()
	all := make([]Key, 20)
	tab := table{want: map[*Key]int{}}
	tab.check(t, all)
	for i := range all {
		tab.set(&all[i], i)
		tab.check(t, all)
	}
}

func TestOverlayPutsOneTableOverAnother(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{0, 3}, {3, 0}, {3, 3}, {5, 6}, {7, 7}, {3, 20}, {20, 3}, {50, 60}} {
		t.Run(fmt.Sprint(size[1], " over ", size[0]), func(t *testing.T) {
			t.Parallel()
			all := newKeys(size[0] + size[1])
			low, top := table{want: map[*Key]int{}}, table{want: map[*Key]int{}}
			for i := range size[0] {
				low.set(&all[i], i)
			}
			for i := range size[1] {
				top.set(&all[i+size[0]/2], 1000+i)
			}
			v := Over(low.values, top.values)
			want := low.copy()
			want.values = v
			for k, value := range top.want {
				want.want[k] = value
			}
			want.check(t, all)
			low.check(t, all)
			top.check(t, all)
			v.each(func(h *Head) {
				if h.home != nil {
					t.Errorf("%s holds on to the table that it comes from", h.key.Name)
				}
			})
		})
	}
}

// leadsTo calls f with every binding that what h is part of can lead to.
func leadsTo(h *Head, seen map[*Map]bool, f func(*Head)) {
	f(h)
	if h.home == nil || seen[h.home] {
		return
	}
	seen[h.home] = true
	h.home.each(func(h *Head) { leadsTo(h, seen, f) })
}

func TestATableLeadsToNothingThatItLeavesOut(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	all := newKeys(12)
	tab := table{want: map[*Key]int{}}
	for i := range 20_000 {
		k := &all[random.IntN(len(all))]
		if random.IntN(3) == 0 {
			tab.remove(k)
		} else {
			tab.set(k, i)
		}
		seen := map[*Map]bool{}
		tab.values.each(func(h *Head) {
			leadsTo(h, seen, func(h *Head) {
				if tab.values.Find(h.key) != h {
					t.Fatalf("after %d changes the table leads to a value of %s that it does not have", i, h.key.Name)
				}
			})
		})
	}
}
