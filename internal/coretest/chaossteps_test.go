// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"runtime/pprof"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// steps are what a request does next, with some steps inside.
var steps []func(c *chaos, j *trip, rng *rand.Rand, inside int)

func init() {
	steps = []func(c *chaos, j *trip, rng *rand.Rand, inside int){
		func(c *chaos, j *trip, _ *rand.Rand, _ int) {
			c.wg.Go(func() {
				for range 4 {
					c.look(j, nil, inherited)
					time.Sleep(time.Millisecond)
				}
			})
		},
		func(c *chaos, j *trip, rng *rand.Rand, inside int) {
			c.depth.Run(inside, func() { c.steps(j, rng, inside) })
		},
		func(c *chaos, j *trip, rng *rand.Rand, inside int) {
			c.wg.Add(1)
			rng = fork(rng)
			store.Go(func() { defer c.wg.Done(); c.steps(j, rng, inside) })
		},
		func(c *chaos, j *trip, rng *rand.Rand, inside int) {
			c.wg.Add(1)
			rng = fork(rng)
			store.AfterFunc(time.Duration(rng.IntN(4))*time.Millisecond, func() { defer c.wg.Done(); c.steps(j, rng, inside) })
		},
		func(c *chaos, j *trip, _ *rand.Rand, _ int) {
			c.submit(store.Bind(func() { c.look(j, nil, firm) }))
		},
		func(c *chaos, j *trip, _ *rand.Rand, _ int) {
			snapshot := store.Capture()
			c.submit(func() { snapshot.Run(func() { c.look(j, nil, firm) }) })
		},
		func(c *chaos, j *trip, _ *rand.Rand, _ int) {
			c.submit(func() { store.RunContext(j.ctx, func(context.Context) { c.look(j, nil, firm) }) })
		},
		func(c *chaos, j *trip, rng *rand.Rand, inside int) {
			_, span := c.tracer.Start(bg(), "step")
			c.steps(j, rng, inside)
			if rng.IntN(2) == 0 {
				c.wg.Go(func() { span.End(); c.look(j, nil, inherited) })
				return
			}
			span.End()
		},
		func(c *chaos, j *trip, rng *rand.Rand, inside int) {
			pprof.Do(store.Context(), pprof.Labels("step", "own"), func(context.Context) { c.steps(j, rng, inside) })
		},
		func(c *chaos, j *trip, rng *rand.Rand, inside int) {
			pprof.Do(j.ctx, pprof.Labels("step", "the request's"), func(context.Context) { c.steps(j, rng, inside) })
		},
		stepInto,
		func(c *chaos, _ *trip, rng *rand.Rand, _ int) {
			if other := c.other(rng); other != nil {
				c.later(func() {
					pprof.Do(other.ctx, pprof.Labels("step", "a worker's"), func(context.Context) { c.look(other, nil, inherited) })
				})
			}
		},
		func(c *chaos, j *trip, rng *rand.Rand, inside int) {
			if c.begun.Load() < c.all {
				c.request(rng, inside)
				c.look(j, nil, firm)
			}
		},
		func(*chaos, *trip, *rand.Rand, int) { runtime.Gosched() },
	}
}

// stepInto is pprof.Do with the ctx of another request.
func stepInto(c *chaos, j *trip, rng *rand.Rand, _ int) {
	other := c.other(rng)
	if other == nil {
		return
	}
	c.depth.Run(0, func() {
		pprof.Do(other.ctx, pprof.Labels("step", "another's"), func(context.Context) { c.look(j, other, inherited) })
		c.look(j, nil, inherited)
		c.wg.Go(func() { c.look(j, nil, inherited) })
	})
}

func fork(rng *rand.Rand) *rand.Rand { return rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())) }

// later gives f to a worker of no request's, and reports whether one had time for it.
func (c *chaos) later(f func()) bool {
	select {
	case c.pool <- f:
		return true
	default:
		return false
	}
}

// submit is later, or now on this goroutine.
func (c *chaos) submit(f func()) {
	if !c.later(f) {
		f()
	}
}

func (c *chaos) worker() {
	for f := range c.pool {
		c.idle()
		f()
		c.idle()
	}
}
