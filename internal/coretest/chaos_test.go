// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

var chaosRequests = flag.Int64("chaos.requests", 0, "how many requests the chaos test runs, each with some dozens of steps; 0 is for some seconds")

// chaos is a crowd of requests that do all at once, and in each others' way, what a
// request can do. It checks that no goroutine reads what is another's.
type chaos struct {
	t      *testing.T
	owner  *store.Storage[int]
	depth  *store.Storage[int]
	tracer trace.Tracer
	pool   chan func()
	recent [16]atomic.Pointer[trip] // of which other requests take a ctx
	begun  atomic.Int64
	all    int64          // requests are begun
	wg     sync.WaitGroup // of all that may outlive its request
}

// trip is a request of the chaos, and what is read in it.
type trip struct {
	number int
	id     string
	trace  trace.TraceID
	ctx    context.Context
}

// how firmly a goroutine holds on to a request.
type hold int

const (
	inherited hold = iota // it reads the request, or nothing once that has expired
	firm                  // it reads the request
)

// look checks all that can be read in j. Where the labels of other were set, what is
// its may be read too.
func (c *chaos) look(j, other *trip, h hold) {
	is := func(of func(*trip) bool) bool { return of(j) || other != nil && of(other) }
	n, ok := c.owner.GetStore()
	if ok && !is(func(j *trip) bool { return j.number == n }) || !ok && h == firm {
		c.t.Errorf("request %d reads %d, %v", j.number, n, ok)
	}
	r, ok := store.Current()
	if ok && !is(func(j *trip) bool { return j.id == r.ID() }) || !ok && h == firm {
		c.t.Errorf("request %d runs in %q", j.number, r.ID())
	}
	sc := tracing.Span().SpanContext()
	if sc.IsValid() && !is(func(j *trip) bool { return j.trace == sc.TraceID() }) {
		c.t.Errorf("request %d has a span of another's trace, %v", j.number, sc.TraceID())
	}
	c.lookIn(j)
}

// lookIn checks what j's ctx carries, which no goroutine changes.
func (c *chaos) lookIn(j *trip) {
	if n, ok := c.owner.From(j.ctx); n != j.number || !ok {
		c.t.Errorf("the ctx of request %d carries %d, %v", j.number, n, ok)
	}
	if r, ok := store.CurrentFrom(j.ctx); r.ID() != j.id {
		c.t.Errorf("the ctx of request %d carries %q, %v", j.number, r.ID(), ok)
	}
	if sc := trace.SpanContextFromContext(j.ctx); sc.TraceID() != j.trace {
		c.t.Errorf("the ctx of request %d carries a span of another's trace", j.number)
	}
}

// idle checks a goroutine that belongs to no request.
func (c *chaos) idle() {
	if n, ok := c.owner.GetStore(); ok {
		c.t.Errorf("a worker reads %d between its jobs", n)
	}
	if r, ok := store.Current(); ok {
		c.t.Errorf("a worker runs in %q between its jobs", r.ID())
	}
	if sc := tracing.Span().SpanContext(); sc.IsValid() {
		c.t.Errorf("a worker has the span %v between its jobs", sc.SpanID())
	}
}

func (c *chaos) other(rng *rand.Rand) *trip { return c.recent[rng.IntN(len(c.recent))].Load() }

// request runs one, within whatever is set.
func (c *chaos) request(rng *rand.Rand, steps int) {
	n := int(c.begun.Add(1))
	r := store.NewRequest(fmt.Sprint("r-", n))
	r.SetName(fmt.Sprint("GET /", n%7))
	r.SetLinger(time.Duration(rng.IntN(3)) * time.Millisecond)
	r.Run(c.owner.With(bg(), n), func(ctx context.Context) {
		ctx, span := c.tracer.Start(ctx, "request", trace.WithNewRoot())
		defer span.End()
		j := &trip{n, r.ID(), span.SpanContext().TraceID(), ctx}
		c.recent[n%len(c.recent)].Store(j)
		c.steps(j, rng, steps)
		c.look(j, nil, firm)
	})
}

func (c *chaos) steps(j *trip, rng *rand.Rand, n int) {
	for range n {
		c.look(j, nil, firm)
		steps[rng.IntN(len(steps))](c, j, rng, n/2)
	}
}

// Not parallel: there is one CPU profile in a process.
func TestInAChaosOfRequestsNoGoroutineReadsWhatIsAnothers(t *testing.T) {
	ambientOnly(t)
	if pprof.StartCPUProfile(io.Discard) == nil { // else the test command takes one
		defer pprof.StopCPUProfile()
	}
	c := &chaos{t: t, owner: store.New("owner", 0), depth: store.New("depth", 0), tracer: provider().Tracer("test"), pool: make(chan func()), all: *chaosRequests}
	switch {
	case c.all > 0:
	case testing.Short() || raceEnabled:
		c.all = 2000
	default:
		c.all = 20_000
	}
	var servers, workers sync.WaitGroup
	for range 8 {
		workers.Go(c.worker)
	}
	for i := range 32 {
		servers.Go(func() {
			rng := rand.New(rand.NewPCG(1, uint64(i)))
			for c.begun.Load() < c.all && !t.Failed() {
				c.request(rng, 12)
				c.idle()
			}
		})
	}
	servers.Wait()
	c.wg.Wait()
	close(c.pool)
	workers.Wait()
}
