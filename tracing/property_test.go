// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// A node is the model of a span: what is above it is what was active where it was
// started, whatever its parent is.
type node struct {
	name   string
	parent *node
	above  *node
	ended  bool
	span   trace.Span
}

// place is the model of what a goroutine has: the innermost span, which may have
// ended, the span of its ambient ctx, and whether it works for the request.
type place struct {
	top, ofCtx *node
	inRequest  bool
}

// live returns the nearest span that has not ended, and the outermost.
func (p place) live() (nearest, outermost *node) {
	for n := p.top; n != nil; n = n.above {
		if !n.ended {
			return n, nil
		}
		outermost = n
	}
	return nil, outermost
}

// active is the span that one started at p is a child of: the nearest that has not
// ended; in a request, if all have, the outermost.
func (p place) active() *node {
	nearest, outermost := p.live()
	if nearest == nil && p.inRequest {
		return outermost
	}
	return nearest
}

// carriedCtx is a ctx with the model of what it carries.
type carriedCtx struct {
	context.Context
	span      *node
	inRequest bool
}

// bound is a bound function: it runs what it is sent, at the place of the binding.
type bound struct {
	run   func(body func())
	place place
}

// worker is a goroutine of the program. Its places are those of the functions that
// it is in: each Run, Exit and so on is one more.
type worker struct {
	steps  chan func(*worker)
	done   chan struct{}
	places []place
	leave  bool
}

func (w *worker) place() *place { return &w.places[len(w.places)-1] }

// loop takes steps until one says to leave.
func (w *worker) loop() {
	for step := range w.steps {
		step(w)
		if w.leave {
			w.leave = false
			return // to a step that is not done yet
		}
		w.done <- struct{}{}
	}
}

// within is a step that calls scope with a function that takes further steps at p.
// It is done when those can begin; the step that leaves is done when scope returns.
func within(p place, scope func(body func())) func(*worker) {
	return func(w *worker) {
		w.places = append(w.places, p)
		scope(func() {
			w.done <- struct{}{}
			w.loop()
		})
		w.places = w.places[:len(w.places)-1]
	}
}

// program is a random program while it runs: one step at a time, each on the
// goroutine it is for, so that the model knows their order.
type program struct {
	*rand.Rand
	recording
	t       *testing.T
	workers []*worker
	nodes   []*node
	ctxs    []carriedCtx
	bounds  []bound
	storage store.Storage[int]
	log     strings.Builder
}

func (p *program) say(format string, args ...any) { fmt.Fprintf(&p.log, format+"\n", args...) }

func (p *program) spawn(at place, start func(func())) {
	w := &worker{steps: make(chan func(*worker)), done: make(chan struct{}), places: []place{at}}
	p.workers = append(p.workers, w)
	start(w.loop)
}

// step makes worker number i take one random step.
func (p *program) step(i int) {
	w := p.workers[i]
	w.steps <- p.choose(i, w)
	<-w.done
}

func (p *program) choose(i int, w *worker) func(*worker) {
	at := *w.place()
	switch n := p.IntN(100); {
	case n < 25:
		return func(w *worker) { p.start(i, w, carriedCtx{Context: bg()}) }
	case n < 35 && len(p.ctxs) > 0:
		ctx := p.ctxs[p.IntN(len(p.ctxs))]
		return func(w *worker) { p.start(i, w, ctx) }
	case n < 38:
		return func(w *worker) { p.start(i, w, carriedCtx{Context: bg()}, trace.WithNewRoot()) }
	case n < 58 && len(p.nodes) > 0:
		return func(*worker) { p.end(i, p.nodes[p.IntN(len(p.nodes))]) }
	case n < 63 && len(p.workers) < 8:
		p.say("%d: go, as %d", i, len(p.workers))
		return func(*worker) { p.spawn(at, func(f func()) { go f() }) }
	case n < 66 && len(p.workers) < 8:
		p.say("%d: store.Go, as %d", i, len(p.workers))
		return func(*worker) { p.spawn(at, func(f func()) { store.Go(f) }) }
	case n < 71:
		return func(*worker) { p.bind(i, at) }
	case n < 75 && len(p.bounds) > 0:
		b := p.bounds[p.IntN(len(p.bounds))]
		p.say("%d: a bound function {", i)
		return within(b.place, b.run)
	case n < 80:
		p.say("%d: Run {", i)
		return within(at, func(f func()) { p.storage.Run(i, f) })
	case n < 82:
		p.say("%d: Exit {", i)
		return within(place{}, store.Exit)
	case n < 87 && len(p.ctxs) > 0:
		ctx := p.ctxs[p.IntN(len(p.ctxs))]
		p.say("%d: RunContext(ctx of %v) {", i, ctx.span)
		return within(at.over(ctx), func(f func()) { store.RunContext(ctx, func(context.Context) { f() }) })
	case n < 90:
		return func(*worker) { p.context(i, at) }
	case len(w.places) > 1:
		p.say("%d: }", i)
		return func(w *worker) { w.leave = true }
	default:
		return func(*worker) { p.look(i, at) }
	}
}

// over is what RunContext makes of p.
func (p place) over(ctx carriedCtx) place {
	switch {
	case ctx.span != nil:
		return place{ctx.span, ctx.span, p.inRequest || ctx.inRequest}
	case ctx.inRequest && !p.inRequest:
		return place{nil, nil, true}
	}
	return place{p.top, nil, p.inRequest}
}

func (p *program) start(i int, w *worker, ctx carriedCtx, opts ...trace.SpanStartOption) {
	n := &node{name: fmt.Sprint("span", len(p.nodes)), parent: ctx.span, above: w.place().top}
	if n.parent == nil {
		n.parent = w.place().active()
	}
	if len(opts) > 0 {
		n.parent = nil
	}
	p.say("%d: %v, child of %v, over %v", i, n, n.parent, n.above)
	started, s := p.Start(ctx, n.name, opts...)
	n.span = s
	w.place().top = n
	p.nodes = append(p.nodes, n)
	p.ctxs = append(p.ctxs, carriedCtx{started, n, ctx.inRequest})
}

func (p *program) end(i int, n *node) {
	p.say("%d: end %v", i, n)
	n.ended = true
	n.span.End()
}

func (p *program) bind(i int, at place) {
	p.say("%d: Bind, as %d", i, len(p.bounds))
	var body func()
	f := store.Bind(func() { body() })
	p.bounds = append(p.bounds, bound{func(b func()) { body = b; f() }, at})
}

func (p *program) context(i int, at place) {
	n, _ := at.live()
	if n == nil {
		n = at.ofCtx
	}
	p.say("%d: Context, with %v", i, n)
	p.ctxs = append(p.ctxs, carriedCtx{store.Context(), n, at.inRequest})
}

func (p *program) look(i int, at place) {
	want := trace.SpanID{}
	if n := at.active(); n != nil {
		want = n.span.SpanContext().SpanID()
	}
	if got := active(); got != want {
		p.say("%d: the active span is %v, want %v", i, got, at.active())
		p.t.Fail()
	}
}

func (n *node) String() string {
	if n == nil {
		return "none"
	}
	return n.name
}

// check compares the tree that was recorded with the model's.
func (p *program) check() {
	got := p.parents()
	for _, n := range p.nodes {
		want := ""
		if n.parent != nil {
			want = n.parent.name
		}
		if got[n.name] != want {
			p.say("%v is a child of %q, want %q", n, got[n.name], want)
			p.t.Fail()
		}
	}
}

func (p *program) run(steps int) {
	for range steps {
		p.step(p.IntN(len(p.workers)))
	}
	for _, w := range p.workers {
		for len(w.places) > 1 {
			w.steps <- func(w *worker) { w.leave = true }
			<-w.done
		}
		close(w.steps)
	}
	for _, n := range p.nodes {
		n.span.End()
	}
}

// Random programs of nested and concurrent spans, over goroutines that inherit, are
// bound or are outside, with the ctx given, dropped or another's, have the tree
// that the model says.
func TestRandomProgramsHaveTheRightTree(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	programs, steps := 400, 120
	if testing.Short() {
		programs = 50
	}
	for name, inRequest := range map[string]bool{"in a request": true, "outside": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(programs) {
				p := &program{Rand: rand.New(rand.NewPCG(seed, 0)), recording: record(), t: t}
				p.begin(inRequest)
				p.run(steps)
				p.check()
				if t.Failed() {
					t.Fatalf("seed %d:\n%s", seed, &p.log)
				}
			}
		})
	}
}

// begin starts the first worker.
func (p *program) begin(inRequest bool) {
	if !inRequest {
		p.spawn(place{}, func(f func()) { go f() })
		return
	}
	request := store.NewRequest("")
	ctx, s := tracing.StartRequest(bg(), p.Tracer, request, "root")
	root := &node{name: "root", span: s}
	p.nodes = append(p.nodes, root)
	p.spawn(place{root, root, true}, func(f func()) {
		go request.Run(ctx, func(context.Context) { f() })
	})
}
