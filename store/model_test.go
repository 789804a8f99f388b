// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"maps"

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
	ctx  context.Context
	want world
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
	depth    int
	shared   bool // another goroutine runs what this one has entered, too
	kept     []kept
	carriers []carrier
	entries  []entry
	requests []*store.Request
	spawned  chan func() // runs on goroutines that are nobody's
	fail     func(format string, args ...any)
}

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

func (m *machine) check(where string) {
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
	c.now, c.depth = want, m.depth+1
	c.kept = append([]kept(nil), m.kept...)
	c.carriers = append([]carrier(nil), m.carriers...)
	c.requests = append([]*store.Request(nil), m.requests...)
	c.entries = nil
	return &c
}
