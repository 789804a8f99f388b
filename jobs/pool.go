// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"fmt"
	"sync"

	"github.com/asynclocal/asynclocal/store"
)

// Pool runs functions on a bounded number of goroutines, each in the context of the goroutine that
// submitted it, for as long as the function runs, even if the request is over before its turn. Make
// one with NewPool. It is safe for concurrent use.
//
// It starts a goroutine for each function, which costs less than cleaning up a goroutine for reuse.
// For a pool that keeps its workers, submit store.Bind(f).
type Pool struct {
	slots   chan struct{}
	running sync.WaitGroup
}

// NewPool returns a Pool of at most limit goroutines. It panics if limit is less than 1.
func NewPool(limit int) *Pool {
	if limit < 1 {
		panic(fmt.Sprintf("jobs: NewPool(%d): the limit has to be at least 1", limit))
	}
	return &Pool{slots: make(chan struct{}, limit)}
}

// Go runs f on a goroutine, and waits until there is room for it. A panic in f ends the process, as
// in any goroutine. A nil f panics.
func (p *Pool) Go(f func()) {
	if f == nil {
		panic("jobs: Pool.Go of a nil function; pass the function that is to run")
	}
	bound := store.Bind(f)
	p.slots <- struct{}{}
	p.start(bound)
}

// TryGo runs f on a goroutine if there is room now, and reports whether there was. A nil f panics.
func (p *Pool) TryGo(f func()) bool {
	if f == nil {
		panic("jobs: Pool.TryGo of a nil function; pass the function that is to run")
	}
	bound := store.Bind(f)
	select {
	case p.slots <- struct{}{}:
		p.start(bound)
		return true
	default:
		return false
	}
}

func (p *Pool) start(f func()) {
	p.running.Go(func() {
		defer func() { <-p.slots }()
		f()
	})
}

// Wait returns when every function submitted before has ended. The Pool may be used again
// afterwards.
func (p *Pool) Wait() { p.running.Wait() }
