// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

const (
	maxDepth    = 12
	maxKept     = 8
	maxStorages = 11 // more than a table has within itself
)

var errThrown = errors.New("thrown by the program")

// block runs operations until one says end, and checks after each.
func (m *machine) block() {
	m.depth++
	defer func() { m.depth-- }()
	for {
		op := m.program.next()
		if op == 0 || m.depth > maxDepth {
			return
		}
		f := operations[op%len(operations)]
		f.run(m)
		m.check(f.name)
	}
}

// scope runs call with a block that should see inside, and expects the world from
// before it back after it, also where the program threw.
func (m *machine) scope(inside world, call func(block func())) {
	before, brought, top := m.now, m.brought, m.top
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(errThrown) {
				panic(r)
			}
		}()
		call(func() {
			m.now, m.brought, m.top = inside, false, inside
			m.check("a block's beginning")
			m.block()
		})
	}()
	m.now, m.brought, m.top = before, brought, top
}

// enter sets w until the scope around it ends.
func (m *machine) enter(w world) { m.now, m.top = w, w }

func (m *machine) storage() int { return m.program.next() % len(m.storages) }

func (m *machine) keep(run func(func()), want world) {
	if len(m.kept) == maxKept {
		m.kept = m.kept[1:]
	}
	m.kept = append(m.kept, kept{run, want})
}

func (m *machine) carry(c carrier) {
	if len(m.carriers) == maxKept {
		m.carriers = m.carriers[1:]
	}
	m.carriers = append(m.carriers, c)
}

func (m *machine) carrier() carrier {
	n := m.program.next()
	if len(m.carriers) == 0 {
		return carrier{ctx: context.Background()}
	}
	return m.carriers[n%len(m.carriers)]
}

func (m *machine) snapshot() (world, store.Snapshot) {
	want := m.now
	want.carried = true
	return want, store.Capture()
}

type operation struct {
	name string
	run  func(m *machine)
}

var operations []operation

func init() {
	operations = []operation{
		{"Run", func(m *machine) {
			s, v := m.storage(), m.value()
			m.scope(m.now.with(s, &bound{value: v}), func(f func()) { m.storages[s].Run(v, f) })
		}},
		{"Call", func(m *machine) {
			s, v := m.storage(), m.value()
			m.scope(m.now.with(s, &bound{value: v}), func(f func()) {
				store.Call(m.storages[s], v, func() int { f(); return 1 })
			})
		}},
		{"Exit of a storage", func(m *machine) {
			s := m.storage()
			m.scope(m.now.with(s, nil), m.storages[s].Exit)
		}},
		{"Exit", func(m *machine) { m.scope(world{}, store.Exit) }},
		{"EnterWith", func(m *machine) {
			s, v := m.storage(), m.value()
			b := &bound{value: v, entered: true, below: m.now.set[s]}
			m.entries = append(m.entries, entry{s, b, m.storages[s].EnterWith(v)})
			m.enter(m.now.with(s, b))
		}},
		{"leave", leave},
		{"Disable", func(m *machine) {
			s := m.storage()
			m.storages[s].Disable()
			if m.now.set[s] != nil { // else it does nothing
				m.enter(m.now.with(s, nil))
			}
		}},
		{"throw", func(m *machine) {
			if m.depth > 1 {
				panic(errThrown)
			}
		}},
		{"go", func(m *machine) { m.wait(m.heir(), func(f func()) { go f() }) }},
		{"a go statement meanwhile", meanwhile},
		{"Go", func(m *machine) { m.wait(m.child(m.now), store.Go) }},
		{"AfterFunc", func(m *machine) { m.wait(m.child(m.now), func(f func()) { store.AfterFunc(0, f) }) }},
		{"ContextAfterFunc", func(m *machine) {
			m.wait(m.child(m.now), func(f func()) {
				ctx, cancel := context.WithCancel(context.Background())
				store.ContextAfterFunc(ctx, f)
				store.Exit(cancel)
			})
		}},
		{"Capture", func(m *machine) { m.keep(store.Capture().Run, m.now) }},
		{"Bind", func(m *machine) {
			s, v := m.storage(), m.value()
			m.scope(m.now, func(f func()) { m.storages[s].Run(v, store.Bind(f)) })
		}},
		{"BindFunc", func(m *machine) { m.keep(store.BindFunc(func(f func()) { f() }), m.now) }},
		{"NewResource", func(m *machine) { m.keep(store.NewResource("r").Run, m.now) }},
		{"what was kept", func(m *machine) {
			n := m.program.next()
			if len(m.kept) == 0 {
				return
			}
			k := m.kept[n%len(m.kept)]
			m.scope(k.want, k.run)
		}},
		{"what was kept, on a goroutine without a context", func(m *machine) {
			n := m.program.next()
			if len(m.kept) == 0 {
				return
			}
			k := m.kept[n%len(m.kept)]
			m.wait(m.child(k.want), func(f func()) { m.spawned <- func() { k.run(f) } })
		}},
		{"Context", func(m *machine) {
			want := m.now
			ctx := store.Context()
			_, want.carried = store.FromContext(ctx)
			m.carry(m.here(ctx, want))
		}},
		{"With", func(m *machine) {
			s, v, c := m.storage(), m.value(), m.carrier()
			want := c.want.with(s, &bound{value: v})
			want.carried = true
			m.carry(carrier{m.storages[s].With(c.ctx, v), want, c.labels, c.live})
		}},
		{"Snapshot.Context", func(m *machine) {
			c := m.carrier()
			want, s := m.snapshot()
			m.carry(m.here(s.Context(c.ctx), want))
		}},
		{"FromContext", func(m *machine) {
			c := m.carrier()
			s, ok := store.FromContext(c.ctx)
			if ok != c.want.carried {
				m.fail("FromContext says %v, want %v", ok, c.want.carried)
			}
			m.keep(s.Run, c.want)
		}},
		{"RunContext", func(m *machine) {
			c := m.carrier()
			m.runContext(c, c.want.over(m.now))
		}},
		{"Request.Run", func(m *machine) {
			c := m.carrier()
			r := store.NewRequest("")
			if n := m.program.next(); n%4 == 0 && len(m.requests) > 0 {
				r = m.requests[n/4%len(m.requests)]
			}
			m.requests = append(m.requests, r)
			inside := c.want.over(m.now)
			inside.request = r
			m.scope(inside, func(f func()) {
				r.Run(c.ctx, func(ctx context.Context) {
					inside := inside
					inside.carried = true
					m.carry(m.here(ctx, inside))
					f()
				})
			})
		}},
		{"SetName", func(m *machine) { m.now.request.SetName(fmt.Sprint("name", m.program.next())) }},
	}
	operations = append(operations, labelOperations()...)
}

// runContext is RunContext, whose ctx carries what is ambient in it.
func (m *machine) runContext(c carrier, inside world) {
	m.scope(inside, func(f func()) {
		store.RunContext(c.ctx, func(ctx context.Context) {
			if inside.carried = !inside.empty(); inside.carried {
				inner := m.here(ctx, inside)
				if c.ctx != context.Background() && len(c.labels) == 0 {
					inner.labels = append(inner.labels, world{}) // a label request of the user's may hide it
				}
				m.carry(inner)
			}
			f()
		})
	})
}

func leave(m *machine) {
	n := m.program.next()
	if len(m.entries) == 0 || m.shared {
		return
	}
	e := m.entries[n%len(m.entries)]
	e.leave()
	before := e.model.below.remaining()
	e.model.left, e.model.below = true, before
	if m.now.set[e.s] == e.model {
		m.enter(m.now.with(e.s, before))
	}
}

// wait runs a block of c on a goroutine that spawn starts, and waits for it.
func (m *machine) wait(c *machine, spawn func(func())) {
	done := make(chan struct{})
	spawn(func() {
		defer close(done)
		c.thread()
	})
	<-done
}

// meanwhile lets a block run at the same time as what follows here. Neither may
// take back what it has entered: whether the other sees that is chance.
func meanwhile(m *machine) {
	c := m.heir()
	length := min(m.program.next(), len(m.program.code)-m.program.at)
	c.program = &tape{code: m.program.code[m.program.at : m.program.at+length]}
	m.program.at += length
	c.shared, m.shared = true, true
	var wg sync.WaitGroup
	wg.Go(c.thread)
	defer wg.Wait()
	m.check("beside a go statement")
	m.block()
}

func (m *machine) thread() {
	defer func() {
		if r := recover(); r != nil && r != any(errThrown) {
			panic(r)
		}
	}()
	m.check("a goroutine's beginning")
	m.block()
}

// execute runs program on n goroutines at once, each from another place. Of fewer
// storages each is set more often.
// It returns the number of checks.
func execute(t *testing.T, program []byte, n, numStorages int) int64 {
	var values, checks atomic.Int64
	spawned := make(chan func())
	defer close(spawned)
	go func() {
		for f := range spawned {
			go f()
		}
	}()
	storages := make([]*store.Storage[int], numStorages)
	for i := range storages {
		storages[i] = store.New(fmt.Sprint("s", i), -1)
	}
	var wg sync.WaitGroup
	for i := range n {
		at := i * len(program) / n
		code := append(append([]byte(nil), program[at:]...), program[:at]...)
		wg.Go(func() {
			m := &machine{program: &tape{code: code}, storages: storages, spawned: spawned, values: &values, checks: &checks, fail: t.Errorf}
			for m.program.at < len(code) && !t.Failed() {
				m.thread()
				m.shared = false
			}
		})
	}
	wg.Wait()
	return checks.Load()
}

// code assembles a program from the operations' names and their operands.
func code(words ...any) (program []byte) {
	for _, w := range words {
		switch w := w.(type) {
		case int:
			program = append(program, byte(w))
		case string:
			i := slices.IndexFunc(operations, func(o operation) bool { return o.name == w })
			if i < 0 {
				panic("no operation is named " + w)
			}
			program = append(program, byte(len(operations)+i))
		}
	}
	return program
}

func FuzzProgramsBehaveLikeTheModel(f *testing.F) {
	const end = 0
	f.Add(code("Run", 1, 7, "EnterWith", 2, 8, "leave", 0, end))
	f.Add(code("EnterWith", 1, 7, "EnterWith", 1, 8, "EnterWith", 1, 9, "leave", 1, "leave", 0, "leave", 2, "leave", 1))
	f.Add(code("Run", 0, 1, "Run", 1, 2, "Capture", "Run", 0, 3, "what was kept", 0, "EnterWith", 1, 9, end, end, end, end))
	f.Add(code("Request.Run", 0, 1, "Run", 1, 1, "go", "EnterWith", 1, 2, end, "Context", "throw", "RunContext", 0, "Disable", 1))
	f.Add(code("Request.Run", 0, 1, "pprof.Do", 0, "Run", 3, 3, "pprof.Do of store.Context()", 1, "EnterWith", 4, 4, end, end, end, "Capture"))
	f.Add(code("Run", 0, 1, "Context", "pprof.Do", 0, 0, "Run", 0, 2, "pprof.Do", 1, 0, end, end, end, end))
	f.Add(code("Request.Run", 0, 1, "Run", 0, 1, "Context", end, end, "Request.Run", 1, 1, "pprof.Do", 1, 0, end, "Run", 1, 2, end, end,
		"on a goroutine without a context", "pprof.Do", 1, 0, end, "Run", 1, 2, end, end))
	f.Add(code("Request.Run", 0, 1, "SetGoroutineLabels of nothing", "pprof.Do", 0, 3, end, "labels copied and changed", 0, 1, end,
		"labels copied", 0, 1, end, "RunContext of store.Context()", "Detach", 0, "SetGoroutineLabels", 1, end))
	f.Add(code("Context", "With", 1, 5, 0, "With", 2, 6, 1, "RunContext", 1, "Run", 2, 9, "FromContext", 1, "what was kept", 0))
	f.Add(code("Run", 0, 1, "Run", 1, 1, "Run", 2, 1, "Run", 3, 1, "Run", 4, 1, "Run", 5, 1, "Run", 6, 1, "Run", 7, 1,
		"Run", 8, 1, "Exit of a storage", 4, end, "EnterWith", 4, 9, "leave", 0, "Disable", 3))
	f.Add(code("a go statement meanwhile", 6, "Run", 1, 1, "EnterWith", 2, 2, "Run", 2, 2, "a go statement meanwhile", 3,
		"EnterWith", 1, 1, "BindFunc", "what was kept, on a goroutine without a context", 0, "EnterWith", 4, 4))
	f.Fuzz(func(t *testing.T, program []byte) {
		ambientOnly(t)
		if len(program) > 2000 {
			t.Skip("longer programs find nothing that these do not")
		}
		execute(t, program, 3, maxStorages)
	})
}

var modelChecks = flag.Int64("model.checks", 100_000, "how many moments the model test compares; each is all that can be read then")

func TestRandomProgramsBehaveLikeTheModelInManyGoroutines(t *testing.T) {
	ambientOnly(t)
	if pprof.StartCPUProfile(io.Discard) == nil { // else the test command takes one
		defer pprof.StopCPUProfile()
	}
	most := *modelChecks
	if testing.Short() {
		most /= 10
	}
	for seed, done := uint64(0), int64(0); done < most; seed++ {
		random := rand.NewChaCha8([32]byte(binary.LittleEndian.AppendUint64(make([]byte, 24), seed)))
		program := make([]byte, 1500)
		_, _ = random.Read(program)
		done += execute(t, program, 16, 1+int(seed%maxStorages))
		if t.Failed() {
			t.Fatalf("seed %d, after %d checks", seed, done)
		}
	}
}
