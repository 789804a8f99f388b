// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// bottom is the context at the bottom of a chain: it notes how often it is asked, and
// through how many calls.
type bottom struct {
	context.Context
	calls, depth int
}

type bottomKey struct{}

func (b *bottom) Value(key any) any {
	if key != any(bottomKey{}) {
		return b.Context.Value(key)
	}
	b.calls++
	var pcs [256]uintptr
	b.depth = max(b.depth, runtime.Callers(0, pcs[:]))
	return nil
}

// cost asks ctx for what the bottom answers alone, and returns how many calls of
// Value took part in it, as far as it can be seen.
func (b *bottom) cost(ctx context.Context) int {
	b.calls, b.depth = 0, 0
	_ = ctx.Value(bottomKey{})
	return b.calls * b.depth
}

// way hands the context that it is called in on to next, which it lets run in it
// later or elsewhere, so that the stack does not grow.
type way struct {
	name string
	hand func(l *line, next func())
}

// line is a chain of rounds, each of which hands its context on to the next.
type line struct {
	t       *testing.T
	bottom  *bottom
	tracer  trace.Tracer
	work    chan func() // of a worker that has no context
	done    chan struct{}
	hand    func(l *line, next func())
	round   func(l *line, next func())
	few     int     // the rounds after which the heap is measured first
	many    int     // and last
	limit   float64 // of the bytes that a round leaves
	collect int     // the rounds between two collections that the line asks for, if any
	early   int     // what Value cost in an early round
	heap    int64
	entered *store.Storage[int]
	eight   [9]*store.Storage[int]
}

func (l *line) later(f func()) { l.work <- f }

// step is one round. It ends the line where Value costs more than in the beginning:
// what grows like that is not to be asked sixty thousand times.
func (l *line) step(i int) {
	switch i {
	case 4:
		l.early = l.bottom.cost(store.Context())
	case 10, 22, l.few, l.many:
		if got := l.bottom.cost(store.Context()); got > l.early+8 {
			l.t.Errorf("after %d rounds a Value takes %d calls, after 4 %d", i, got, l.early)
			close(l.done)
			return
		}
	}
	if l.collect > 0 && i%l.collect == 0 {
		runtime.GC()
	}
	switch i {
	case l.few:
		l.heap = heapInUse()
	case l.many, l.few + 4*(l.many-l.few):
		grown := float64(heapInUse()-l.heap) / float64(i-l.few)
		if l.undecided(i, grown) {
			break
		}
		if grown > l.limit {
			l.t.Errorf("each round leaves %.1f bytes", grown)
		}
		close(l.done)
		return
	}
	l.round(l, func() { l.step(i + 1) })
}

// undecided reports whether what each round has left after i of them may be a list
// that is cleared of the dead now and then: then four times as many leave less.
func (l *line) undecided(i int, grown float64) bool {
	return i == l.many && grown > 4 && grown < 32
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC() // the second sweeps what the first found
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func newLine(t *testing.T, hand, round func(l *line, next func())) *line {
	l := &line{t: t, bottom: &bottom{Context: bg()}, tracer: provider(sdktrace.WithSampler(sdktrace.NeverSample())).Tracer("test"), hand: hand, round: round,
		work: make(chan func(), 1), done: make(chan struct{}), few: 10_000, many: 60_000, entered: store.New("entered", 0), limit: 8}
	if testing.Short() || raceEnabled {
		// So few rounds show what a link of a chain leaves, 160 bytes and more. A list that
		// is cleared of the dead after a collection must not look like one, and so few
		// rounds may be over before there is a collection.
		l.few, l.many, l.limit, l.collect = 500, 2500, 100, 100
	}
	for i := range l.eight {
		l.eight[i] = store.New("one of eight", 0)
	}
	return l
}

// worker runs what later is given, until the line is done.
func (l *line) worker() {
	for {
		select {
		case f := <-l.work:
			f()
		case <-l.done:
			return
		}
	}
}

func (l *line) run(in func(l *line, f func())) {
	await(func() {
		stopped := make(chan struct{})
		go func() { defer close(stopped); l.worker() }()
		in(l, func() {
			l.step(0)
			<-l.done
		})
		<-stopped
	})
}

// ways are all that the packages have to hand a context on.
var ways = []way{
	{"go", func(_ *line, next func()) { go next() }},
	{"store.Go", func(_ *line, next func()) { store.Go(next) }},
	{"AfterFunc", func(_ *line, next func()) { store.AfterFunc(0, next) }},
	{"ContextAfterFunc", func(_ *line, next func()) {
		ctx, cancel := context.WithCancel(bg())
		store.ContextAfterFunc(ctx, next)
		cancel()
	}},
	{"a pool's worker, by Bind", func(l *line, next func()) { l.later(store.Bind(next)) }},
	{"BindFunc", func(l *line, next func()) {
		f := store.BindFunc(func(int) { next() })
		l.later(func() { f(1) })
	}},
	{"Capture and Run", func(l *line, next func()) {
		s := store.Capture()
		l.later(func() { s.Run(next) })
	}},
	{"Resource.Run", func(l *line, next func()) {
		r := store.NewResource("r")
		l.later(func() { r.Run(next) })
	}},
	{"Resource.Bind", func(l *line, next func()) { l.later(store.NewResource("r").Bind(next)) }},
	{"a child's Resource", func(_ *line, next func()) { go store.NewResource("r").Run(next) }},
	{"RunContext of store.Context()", func(l *line, next func()) {
		ctx := store.Context()
		l.later(func() { store.RunContext(ctx, func(context.Context) { next() }) })
	}},
	{"a child's RunContext of store.Context()", func(_ *line, next func()) {
		go store.RunContext(store.Context(), func(context.Context) { next() })
	}},
	{"RunContext of Detach(nil)", func(l *line, next func()) {
		ctx := store.Detach(nil)
		l.later(func() { store.RunContext(ctx, func(context.Context) { next() }) })
	}},
	{"RunContext of Capture().Context of nothing", func(l *line, next func()) {
		ctx := store.Capture().Context(bg())
		l.later(func() { store.RunContext(ctx, func(context.Context) { next() }) })
	}},
	{"RunContext of Capture().Context of store.Context()", func(l *line, next func()) {
		ctx := store.Capture().Context(store.Context())
		l.later(func() { store.RunContext(ctx, func(context.Context) { next() }) })
	}},
	{"a child's RunContext of Capture().Context of store.Context()", func(_ *line, next func()) {
		ctx := store.Capture().Context(store.Context())
		go store.RunContext(ctx, func(context.Context) { next() })
	}},
	{"FromContext and Run", func(l *line, next func()) {
		s, _ := store.FromContext(store.Context())
		l.later(func() { s.Run(next) })
	}},
	{"FromContext, Context and RunContext", func(l *line, next func()) {
		s, _ := store.FromContext(store.Context())
		l.later(func() { store.RunContext(s.Context(nil), func(context.Context) { next() }) })
	}},
	{"RunContext of Storage.With", func(l *line, next func()) {
		ctx := l.entered.With(store.Context(), 1)
		l.later(func() { store.RunContext(ctx, func(context.Context) { next() }) })
	}},
	{"RunContext of Storage.With of nine", func(l *line, next func()) {
		ctx := store.Context()
		for _, s := range l.eight {
			ctx = s.With(ctx, 1)
		}
		l.later(func() { store.RunContext(ctx, func(context.Context) { next() }) })
	}},
	{"Request.Run", func(l *line, next func()) {
		ctx := store.Context()
		l.later(func() { shortRequest().Run(ctx, func(context.Context) { next() }) })
	}},
	{"a child's Request.Run", func(_ *line, next func()) {
		go shortRequest().Run(store.Context(), func(context.Context) { next() })
	}},
	{"jobs.Run", func(l *line, next func()) {
		ctx := store.Context()
		l.later(func() { runJob(ctx, l, next) })
	}},
	{"a child's jobs.Run", func(l *line, next func()) { go runJob(store.Context(), l, next) }},
	{"EnterWith without leave", func(l *line, next func()) {
		l.entered.EnterWith(1)
		go next()
	}},
	{"EnterWith without leave, in bound work", func(l *line, next func()) {
		l.entered.EnterWith(1)
		l.later(store.Bind(next))
	}},
	{"EnterWith of nine without leave", func(l *line, next func()) {
		for _, s := range l.eight {
			s.EnterWith(1)
		}
		go next()
	}},
	{"Disable", func(l *line, next func()) {
		l.entered.EnterWith(1)
		l.entered.Disable()
		go next()
	}},
	{"Run of a Storage", func(l *line, next func()) { l.entered.Run(1, func() { go next() }) }},
	{"Run of nine Storages", func(l *line, next func()) {
		f := func() { go next() }
		for _, s := range l.eight {
			g := f
			f = func() { s.Run(1, g) }
		}
		f()
	}},
	{"pprof.Do", func(_ *line, next func()) {
		pprof.Do(store.Context(), pprof.Labels("a", "1"), func(context.Context) { go next() })
	}},
	{"tracing.Do", func(_ *line, next func()) {
		_ = tracing.Do("task", func() error { go next(); return nil })
	}},
}

func shortRequest() *store.Request {
	r := store.NewRequest("")
	r.SetLinger(0) // what lingers is another test's
	return r
}

func runJob(ctx context.Context, l *line, next func()) {
	_ = jobs.Run(ctx, nil, "job", func(context.Context) error { next(); return nil }, jobs.WithLinger(0))
}

// rounds are what a round has around its handing on.
var rounds = []struct {
	name  string
	in    func(l *line, f func())
	round func(l *line, next func())
}{
	{"outside", inContext, func(l *line, next func()) { l.hand(l, next) }},
	{"in a request", inRequest, func(l *line, next func()) { l.hand(l, next) }},
	{"in a span", inContext, inSpan(bg)},
	{"in a span of store.Context()", inContext, inSpan(store.Context)},
	{"in a request, in a span of store.Context()", inRequest, inSpan(store.Context)},
	{"in a span that does not end", inRequest, func(l *line, next func()) {
		l.tracer.Start(store.Context(), "round")
		l.hand(l, next)
	}},
}

func inContext(l *line, f func()) { store.RunContext(l.bottom, func(context.Context) { f() }) }

func inRequest(l *line, f func()) {
	store.NewRequest("").Run(l.bottom, func(context.Context) { f() })
}

func inSpan(ctx func() context.Context) func(l *line, next func()) {
	return func(l *line, next func()) {
		_, s := l.tracer.Start(ctx(), "round")
		defer s.End()
		l.hand(l, next)
	}
}

// Whatever hands a context on, and however often: nothing is left of a round, and a
// context costs what it did. It measures the process, so it is not parallel.
func TestNothingIsLeftBehindByHandingAContextOnBy(t *testing.T) {
	ambientOnly(t)
	for _, w := range ways {
		for _, r := range rounds {
			t.Run(w.name+", "+r.name, func(t *testing.T) {
				newLine(t, w.hand, r.round).run(r.in)
			})
		}
	}
}
