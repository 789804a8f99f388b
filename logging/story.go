// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"sync"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/store"
)

// story is what a request's lines share.
type story struct {
	mu      sync.Mutex
	ledgers atomic.Pointer[ledger]
	span    atomic.Pointer[contextSpan] // of the last ambient line, where tracing is not used
	outcome *Outcome                    // nil: still running
}

// ledger is what the cores of one config know of a request.
type ledger struct {
	cfg     *config
	next    *ledger
	asked   atomic.Pointer[string] // the name about which WithLevel's function was asked
	sampled atomic.Int32
	entries tape[entry]
	records tape[record]
}

var stories = store.NewAttachment(func(*store.Request) *story { return new(story) })

// peekStory returns r's story, nil if it has none yet.
func peekStory(r *store.Request) *story {
	if r == nil {
		return nil
	}
	s, _ := stories.Peek(r)
	return s
}

// ledger returns c's, and makes it if this is the first time.
func (s *story) ledger(c *config) *ledger {
	if g := s.findLedger(c); g != nil {
		return g
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.findLedger(c); g != nil {
		return g
	}
	g := &ledger{cfg: c, next: s.ledgers.Load()}
	if s.outcome != nil {
		g.complete(*s.outcome)
	}
	s.ledgers.Store(g)
	return g
}

func (s *story) findLedger(c *config) *ledger {
	for g := s.ledgers.Load(); g != nil; g = g.next {
		if g.cfg == c {
			return g
		}
	}
	return nil
}
