// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"runtime"
	"slices"
	"weak"
)

const groupSize = 32

// group is a handful of scopes that ended one after the other, under one weak
// pointer: one for each costs a request more than all else about its end, most of
// it in the collector. Scopes and group hold each other, so that they are collected
// together, at once where nothing else holds any of them.
//
// Where something does, say a goroutine that lives on, the others must not stay with
// it for the linger. So a group that has outlived a collection is split: then each
// has a weak pointer of its own.
type group struct {
	members [groupSize]*Scope
	n       int
}

func (g *group) scopes() []*Scope { return g.members[:g.n] }

// add puts s in the last group of b's, if that has room and a collection has not
// seen it yet. The registry's lock is held.
func (b *batch) add(s *Scope) {
	var g *group
	if last := len(b.groups) - 1; last >= b.seen {
		g = b.groups[last].Value()
	}
	if g == nil || g.n == groupSize {
		g = new(group)
		b.groups = append(b.groups, weak.Make(g))
	}
	g.members[g.n] = s
	g.n++
	s.group = g
}

// splitSome is how many groups are split at a time: requests end meanwhile.
const splitSome = 64

// split gives up the first of b's groups that were there at the last collection, for
// weak pointers to the scopes of those that have outlived one since. It reports whether
// there are more. The registry's lock is held.
func (b *batch) split() (more bool) {
	n := min(b.seen, splitSome)
	for _, w := range b.groups[:n] {
		if g := w.Value(); g != nil {
			b.part(g)
		}
	}
	b.groups = slices.Delete(b.groups, 0, n)
	b.seen -= n
	return b.seen > 0
}

func (b *batch) part(g *group) {
	for _, s := range g.scopes() {
		if len(b.scopes) == cap(b.scopes) {
			b.scopes = living(b.scopes)
		}
		b.scopes = append(b.scopes, weak.Make(s))
	}
	clear(g.scopes())
	g.n = 0
}

// collection is an object that nothing holds: the next collection that begins runs
// its cleanup. It has a pointer, for small objects without share their fate.
type collection struct{ _ *int }

// arm makes r hear of the next collection. The lock is held.
func (r *registry) arm() {
	if !r.armed {
		r.armed = true
		runtime.AddCleanup(new(collection), (*registry).collected, r)
	}
}

// collected is told that a collection has begun and ended since arm.
func (r *registry) collected() {
	for i := 0; ; {
		r.mu.Lock()
		switch {
		case i == len(r.live):
			r.await()
			r.mu.Unlock()
			return
		case !r.live[i].split():
			i++
		}
		r.mu.Unlock()
	}
}

// await makes r look at the groups that are there now once more, at the next
// collection. The lock is held.
func (r *registry) await() {
	r.live = slices.DeleteFunc(r.live, func(b *batch) bool { return len(b.groups) == 0 })
	for _, b := range r.live {
		b.seen = len(b.groups)
	}
	r.armed = false
	if len(r.live) > 0 {
		r.arm()
	}
}
