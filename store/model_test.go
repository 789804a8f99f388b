// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"maps"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/store"
)

// bound is the model of a binding. What was entered knows what is below it, so
// that leaving takes back itself and nothing else.
type bound struct {
	value   int
	entered bool
	left    bool
	below   *bound
}

// remaining is b, or what is below it and all that was left.
func (b *bound) remaining() *bound {
	for b != nil && b.entered && b.left {
		b = b.below
	}
	return b
}

// world is the model of a context: a map of what is set. It is never changed.
type world struct {
	set     map[int]*bound
	request *store.Request
	carried bool // of a context.Context: it carries a world
}

func (w world) with(s int, b *bound) world {
	w.set = maps.Clone(w.set)
	if w.set == nil {
		w.set = map[int]*bound{}
	}
	if b == nil {
		delete(w.set, s)
	} else {
		w.set[s] = b
	}
	return w
}

func (w world) empty() bool { return len(w.set) == 0 && w.request == nil }

func (w world) same(v world) bool { return w.request == v.request && maps.Equal(w.set, v.set) }

// over is what is set where w, which a ctx carries, becomes ambient over low.
func (w world) over(low world) world {
	if !w.carried {
		return low
	}
	if w.request != nil && low.request != nil && w.request != low.request {
		return w
	}
	merged := world{set: maps.Clone(low.set), request: w.request}
	if merged.set == nil {
		merged.set = map[int]*bound{}
	}
	maps.Copy(merged.set, w.set)
	if merged.request == nil {
		merged.request = low.request
	}
	return merged
}

// from is the value of s in ctx, where ambient is the goroutine's world.
func (w world) from(ambient world, s int) *bound {
	if b := w.set[s]; w.carried && b != nil {
		return b
	}
	if w.carried && w.request != nil && ambient.request != nil && w.request != ambient.request {
		return nil
	}
	return ambient.set[s]
}

// carrier is a context.Context and what it should carry.
type carrier struct {
	ctx    context.Context
	want   world
	labels []world // what its profiler labels may lead to; none: to nothing
	live   bool    // its labels are asked of a ctx of the package's, and not a copy
}

// here is the carrier of ctx, which has what is ambient.
func (m *machine) here(ctx context.Context, want world) carrier {
	if !want.carried {
		return carrier{ctx: ctx, want: want}
	}
	return carrier{ctx, want, []world{want}, true}
}

// kept is a context that was captured, in whatever form, and what it should hold.
type kept struct {
	run  func(func())
	want world
}

type entry struct {
	s     int
	model *bound
	leave func()
}

// machine runs a program on a goroutine, and the model beside it.
type machine struct {
	program  *tape
	storages []*store.Storage[int]
	now      world
	top      world // what the innermost scope has set, whatever labels came since
	depth    int
	brought  bool // now is what labels of a foreign ctx have left
	shared   bool // another goroutine runs what this one has entered, too
	kept     []kept
	carriers []carrier
	entries  []entry
	requests []*store.Request
	spawned  chan func() // runs on goroutines without a context
	values   *atomic.Int64
	checks   *atomic.Int64
	fail     func(format string, args ...any)
}

// value is the next operand, made unlike all others: what is read tells the world
// that it is of.
func (m *machine) value() int { return m.program.next() | int(m.values.Add(1))<<8 }

// tape is a program: bytes, one after the other, and zeros for ever.
type tape struct {
	code []byte
	at   int
}

func (t *tape) next() int {
	if t.at >= len(t.code) {
		return 0
	}
	b := t.code[t.at]
	t.at++
	return int(b)
}

// check compares all that can be read at a moment.
func (m *machine) check(where string) {
	m.checks.Add(1)
	for i, s := range m.storages {
		got, ok := s.GetStore()
		want := m.now.set[i]
		if ok != (want != nil) || ok && got != want.value {
			m.fail("%s: storage %d is %d, %v; want %v", where, i, got, ok, want)
		}
	}
	if r, _ := store.Current(); r != m.now.request {
		m.fail("%s: the request is %q, want %q", where, r.ID(), m.now.request.ID())
	}
	for n, c := range m.carriers {
		m.checkFrom(fmt.Sprint(where, ", carrier ", n), c)
	}
}

func (m *machine) checkFrom(where string, c carrier) {
	for i, s := range m.storages {
		got, ok := s.From(c.ctx)
		want := c.want.from(m.now, i)
		if ok != (want != nil) || ok && got != want.value {
			m.fail("%s: From of %d is %d, %v; want %v", where, i, got, ok, want)
		}
	}
	want := c.want.request
	if want == nil {
		want = m.now.request
	}
	if r, _ := store.CurrentFrom(c.ctx); r != want {
		m.fail("%s: the request is %q, want %q", where, r.ID(), want.ID())
	}
}

// child is a machine for a goroutine that inherits or is given want.
func (m *machine) child(want world) *machine {
	c := *m
	c.now, c.top, c.depth, c.brought = want, want, m.depth+1, false
	c.kept = append([]kept(nil), m.kept...)
	c.carriers = append([]carrier(nil), m.carriers...)
	c.requests = append([]*store.Request(nil), m.requests...)
	c.entries = nil
	return &c
}

// heir is a machine for a goroutine that a go statement starts.
func (m *machine) heir() *machine {
	c := m.child(m.now)
	c.brought = m.brought
	return c
}
