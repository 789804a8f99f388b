// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"runtime/pprof"
	"strings"

	"github.com/asynclocal/asynclocal/store"
)

// The model of profiler labels. What is promised where they come and go is exact;
// elsewhere a read is right or unset, of a world that the labels can mean, and the
// machine goes on with what it saw.

// seen returns the part of w that the goroutine reads, and false if it reads
// anything else.
func (m *machine) seen(w world) (part world, ok bool) {
	part.set = map[int]*bound{}
	for i, s := range m.storages {
		switch got, set := s.GetStore(); {
		case !set:
		case w.set[i] == nil || w.set[i].value != got:
			return world{}, false
		default:
			part.set[i] = w.set[i]
		}
	}
	part.request, _ = store.Current()
	return part, part.request == nil || part.request == w.request
}

// arrive is where labels have been set. The goroutine has one of worlds now: exactly
// the first, or else a part of any.
func (m *machine) arrive(where string, worlds []world, exactly bool) {
	best, found := worlds[0], exactly
	for _, w := range worlds {
		if exactly {
			break
		}
		if part, ok := m.seen(w); ok && (!found || len(part.set) > len(best.set)) {
			best, found = part, true
		}
	}
	if !found {
		m.fail("%s: what is set is of none of the %d contexts that it could be of", where, len(worlds))
	}
	m.brought = m.brought || !best.same(m.now) || !best.same(m.top)
	m.now = best
	m.check(where)
}

// labelled returns what the goroutine may have once it has the labels of c.
func (m *machine) labelled(c carrier) (worlds []world, exactly bool) {
	if len(c.labels) == 0 {
		return []world{{}}, true
	}
	// The ctx of a pprof.Do brings back the labels that it was made with, which may be older than
	// what is set now: package pprof answers for them. Where that is seen, the innermost scope
	// counts.
	worlds = []world{m.now, m.top}
	worlds = append(worlds, c.labels...)
	return worlds, m.owns(c)
}

// owns reports whether c's labels are the goroutine's own: then it keeps what it has.
func (m *machine) owns(c carrier) bool {
	if m.brought || len(c.labels) != 1 {
		return false
	}
	w := c.labels[0]
	return w.same(m.now) || c.live && w.request != nil && w.request == m.now.request
}

// foreign reports whether c is certainly of another request than the goroutine, or of one
// while that has none, or the other way round.
func (m *machine) foreign(c carrier) bool {
	return c.live && len(c.labels) == 1 && c.labels[0].request != m.now.request
}

// returned is what the goroutine may have once pprof.Do has put back the labels of c,
// where it had before when Do was called, and c was foreign to it or its own.
func (m *machine) returned(c carrier, before world, brought, foreign, owned bool) (worlds []world, exactly bool) {
	switch {
	case len(c.labels) == 0:
		return []world{{}}, true
	case foreign:
		return []world{before}, true
	case owned && m.owns(c):
		return []world{m.now}, true
	}
	return append([]world{before, m.now, m.top}, c.labels...), false
}

// handedOn is what the labels that pprof.Do has made of c's may lead to. Where they are older
// than what the goroutine runs with, they lead elsewhere once that is over.
func (m *machine) handedOn(c carrier, owned bool) []world {
	if c.live && owned {
		return []world{m.now}
	}
	worlds := []world{m.now}
	for _, w := range c.labels {
		if !w.same(m.now) {
			worlds = append(worlds, w)
		}
	}
	return worlds
}

// do runs a block in pprof.Do with c's ctx.
func (m *machine) do(c carrier, labels pprof.LabelSet, hidden bool) {
	before, brought, foreign, owned := m.now, m.brought, m.foreign(c), m.owns(c)
	defer func() {
		worlds, exactly := m.returned(c, before, brought, foreign, owned)
		if !m.owns(c) || foreign {
			m.now, m.brought = before, brought || m.brought && !foreign
		}
		m.arrive("after pprof.Do", worlds, exactly)
	}()
	pprof.Do(c.ctx, labels, func(ctx context.Context) {
		worlds, exactly := m.labelled(c)
		if hidden {
			worlds, exactly = []world{{}}, true
		}
		m.arrive("in pprof.Do", worlds, exactly)
		inner := carrier{ctx: ctx, want: c.want}
		if len(c.labels) > 0 && !hidden {
			inner.labels = m.handedOn(c, owned)
		}
		m.carry(inner)
		m.block()
	})
}

// user returns labels of the user's own. One of them takes the place of ours.
func (m *machine) user() (labels pprof.LabelSet, hidden bool) {
	n := m.program.next()
	if n%8 == 7 {
		return pprof.Labels("request", "the user's"), true
	}
	return pprof.Labels(fmt.Sprint("user", n%3), "x"), false
}

// copied returns the labels of c with what change makes of each value, and whether
// ours is another value then for certain: a beginning of it may pass for it.
func (m *machine) copied(c carrier, change func(string) string) (labels pprof.LabelSet, hidden bool) {
	var list []string
	pprof.ForLabels(c.ctx, func(k, v string) bool {
		changed := change(v)
		hidden = hidden || k == "request" && !strings.HasPrefix(v, changed)
		list = append(list, k, changed)
		return true
	})
	return pprof.Labels(list...), hidden
}

// mean is what c's labels may mean where they are asked for here.
func (m *machine) mean(c carrier) []world {
	if !c.live || len(c.labels) == 0 {
		return c.labels
	}
	worlds, _ := m.labelled(c)
	return worlds
}

func labelOperations() []operation {
	return []operation{
		{"pprof.Do of store.Context()", func(m *machine) {
			want := m.now
			ctx := store.Context()
			_, want.carried = store.FromContext(ctx)
			labels, hidden := m.user()
			m.do(m.here(ctx, want), labels, hidden)
		}},
		{"pprof.Do", func(m *machine) {
			c := m.carrier()
			labels, hidden := m.user()
			m.do(c, labels, hidden)
		}},
		{"pprof.Do of nothing", func(m *machine) {
			labels, hidden := m.user()
			m.do(carrier{ctx: context.Background()}, labels, hidden)
		}},
		{"SetGoroutineLabels", func(m *machine) { m.setLabels(m.carrier()) }},
		{"SetGoroutineLabels of nothing", func(m *machine) { m.setLabels(carrier{ctx: context.Background()}) }},
		{"WithLabels", func(m *machine) {
			c := m.carrier()
			labels, hidden := m.user()
			c.labels, c.live = m.mean(c), false
			c.ctx = pprof.WithLabels(c.ctx, labels)
			if hidden {
				c.labels = nil
			}
			m.carry(c)
		}},
		{"labels copied", func(m *machine) {
			c := m.carrier()
			set, _ := m.copied(c, func(v string) string { return v })
			m.do(carrier{ctx: pprof.WithLabels(context.Background(), set), labels: m.mean(c)}, pprof.Labels("user", "x"), false)
		}},
		{"labels copied and changed", func(m *machine) {
			c, change := m.carrier(), changes[m.program.next()%len(changes)]
			set, hidden := m.copied(c, func(v string) string { return change.apply(v, v) })
			copied := carrier{ctx: pprof.WithLabels(context.Background(), set)}
			if !hidden {
				copied.labels = append([]world{{}}, m.mean(c)...)
			}
			m.do(copied, pprof.Labels("user", "x"), false)
		}},
		{"RunContext of store.Context()", func(m *machine) {
			want := m.now
			ctx := store.Context()
			_, want.carried = store.FromContext(ctx)
			m.runContext(m.here(ctx, want), m.now)
		}},
		{"Detach", func(m *machine) {
			c := m.carrier()
			c.ctx = store.Detach(c.ctx)
			m.carry(c)
		}},
		{"Detach of nothing", func(m *machine) {
			want := m.now
			ctx := store.Detach(nil)
			_, want.carried = store.FromContext(ctx)
			m.carry(m.here(ctx, want))
		}},
		{"Snapshot.Context of nothing", func(m *machine) {
			want, s := m.snapshot()
			m.carry(m.here(s.Context(nil), want))
		}},
		{"on a goroutine without a context", func(m *machine) {
			m.wait(m.child(world{}), func(f func()) { m.spawned <- f })
		}},
	}
}

func (m *machine) setLabels(c carrier) {
	worlds, exactly := m.labelled(c)
	pprof.SetGoroutineLabels(c.ctx)
	m.arrive("after SetGoroutineLabels", worlds, exactly)
}
