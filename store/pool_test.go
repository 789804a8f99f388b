// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// pool is a hand-written worker pool: one worker, started in whatever context the
// pool is made in.
type pool struct {
	jobs chan func()
	done sync.WaitGroup
}

func newPool() *pool {
	p := &pool{jobs: make(chan func())}
	p.done.Go(func() {
		for job := range p.jobs {
			job()
		}
	})
	return p
}

func (p *pool) close() {
	close(p.jobs)
	p.done.Wait()
}

func TestAWorkerHasItsSpawnersContextAndABoundJobItsOwn(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	var p *pool
	s.Run(1, func() { p = newPool() })
	s.Run(2, func() {
		p.jobs <- func() { wantSet(t, s, 1) }
		p.jobs <- store.Bind(func() { wantSet(t, s, 2) })
	})
	p.close()
}

func TestBetweenBoundJobsAWorkerIsClean(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	p := newPool()
	r := store.NewRequest("r")
	for i := 1; i <= 3; i++ {
		s.Run(i, func() {
			p.jobs <- store.Bind(func() {
				wantSet(t, s, i)
				s.EnterWith(100)
			})
		})
		p.jobs <- func() { wantUnset(t, s, 0) }
		r.Run(t.Context(), func(context.Context) {
			p.jobs <- store.Bind(func() { wantCurrent(t, r) })
		})
		p.jobs <- func() { wantCurrent(t, nil) }
	}
	p.close()
}

func TestAPoolMadeUnderExitHasNoContext(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	var p *pool
	s.Run(1, func() { store.Exit(func() { p = newPool() }) })
	p.jobs <- func() { wantUnset(t, s, 0) }
	p.close()
}
