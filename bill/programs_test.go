// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package bill_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/store"
)

// truth is what a program has done, by its own account.
type truth struct {
	mu   sync.Mutex
	sum  bill.Sum
	busy [][2]time.Time
}

func (t *truth) add(f func(*bill.Sum)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.sum)
}

// wait is the time in which anything was under way.
func (t *truth) wait() (total time.Duration) {
	slices.SortFunc(t.busy, func(a, b [2]time.Time) int { return a[0].Compare(b[0]) })
	var until time.Time
	for _, b := range t.busy {
		if b[0].Before(until) {
			b[0] = until
		}
		if b[1].After(b[0]) {
			total, until = total+b[1].Sub(b[0]), b[1]
		}
	}
	return total
}

// program is a random one: queries, calls, messages and work in goroutines, within one another.
type program struct {
	*truth
	tracer trace.Tracer
	left   int
}

func (p *program) run(random *rand.Rand, depth int) {
	var all sync.WaitGroup
	for range 1 + random.IntN(4) {
		p.mu.Lock()
		p.left--
		over := p.left < 0
		p.mu.Unlock()
		if over {
			break
		}
		switch n := random.IntN(9); {
		case n < 3:
			p.operation(random, "q", func(s *bill.Sum, d time.Duration) { s.Statements++; s.StatementTime += d },
				client, with(attribute.String("db.query.text", "SELECT 1")))
		case n < 5:
			p.operation(random, "GET", func(s *bill.Sum, d time.Duration) { s.Calls++; s.CallTime += d }, client, with(get))
		case n == 5:
			p.operation(random, "send", func(s *bill.Sum, d time.Duration) { s.Messages++; s.MessageTime += d }, producer)
		case depth == 0:
		case n == 6: // a span that is none of these
			_, s := p.tracer.Start(bg(), "work")
			p.run(random, depth-1)
			s.End()
		default:
			p.spawn(&all, n == 7, rand.New(rand.NewPCG(random.Uint64(), 1)), depth-1)
		}
	}
	all.Wait()
}

func (p *program) operation(random *rand.Rand, name string, count func(*bill.Sum, time.Duration), opts ...trace.SpanStartOption) {
	d := time.Duration(random.IntN(5)) * time.Millisecond
	_, s := p.tracer.Start(bg(), name, opts...)
	begin := time.Now()
	time.Sleep(d)
	s.End()
	p.add(func(s *bill.Sum) {
		count(s, d)
		p.busy = append(p.busy, [2]time.Time{begin, time.Now()})
	})
}

func (p *program) spawn(all *sync.WaitGroup, bound bool, random *rand.Rand, depth int) {
	all.Add(1)
	begin := time.Now()
	work := func() {
		p.run(random, depth)
		if bound {
			p.add(func(s *bill.Sum) { s.Goroutines++; s.GoroutineTime += time.Since(begin) })
		}
		all.Done()
	}
	if bound {
		store.Go(work)
	} else {
		go work()
	}
}

// The issue's own measure: counts are exact for 10 000 random programs, and so are times, as time
// stands still between what takes some.
func TestTheBillIsTheTruthOfRandomPrograms(t *testing.T) {
	t.Parallel()
	programs := 10_000
	if raceDetector || testing.Short() {
		programs = 500
	}
	traced := tracer(samplers["unsampled"], bill.WithRepetition(0, 0))
	statements := 0
	synctest.Test(t, func(t *testing.T) {
		for seed := range programs {
			p := &program{&truth{}, traced, 24}
			var got bill.Sum
			store.NewRequest("").Run(bg(), func(context.Context) {
				p.run(rand.New(rand.NewPCG(uint64(seed), 0)), 3)
				synctest.Wait() // for the end of what has told that it ends
				got = bill.Read()
			})
			p.sum.WaitTime = p.wait()
			if g, w := plain(got), plain(p.sum); g != w {
				t.Fatalf("program %d:\ngot  %+v\nwant %+v", seed, g, w)
			}
			statements += got.Statements
		}
	})
	if statements < programs {
		t.Errorf("%d statements in %d programs: they do nothing", statements, programs)
	}
}

// plain is what can be compared of a sum that has no lists.
func plain(s bill.Sum) [9]int64 {
	return [...]int64{
		int64(s.Statements), int64(s.StatementTime), int64(s.Calls), int64(s.CallTime), int64(s.Messages), int64(s.MessageTime),
		int64(s.WaitTime), int64(s.Goroutines), int64(s.GoroutineTime),
	}
}
