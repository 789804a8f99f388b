// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"sync"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/store"
)

// requestState is what a request's lines share.
type requestState struct {
	mu      sync.Mutex
	loggers atomic.Pointer[loggerState]
	span    atomic.Pointer[contextSpan] // of the last ambient line, where tracing is not used
	outcome *Outcome                    // nil: still running
}

// loggerState is what the cores of one config know of a request.
type loggerState struct {
	cfg       *config
	next      *loggerState
	asked     atomic.Pointer[string] // the name about which WithLevel's function was asked
	sampled   atomic.Int32
	entries   recording[entry]
	records   recording[record]
	emissions recording[emission]
}

var requestStates = store.NewAttachment(func(*store.Request) *requestState { return new(requestState) })

// peekState returns r's requestState, nil if it has none yet.
func peekState(r *store.Request) *requestState {
	if r == nil {
		return nil
	}
	s, _ := requestStates.Peek(r)
	return s
}

// logger returns c's, and makes it if this is the first time.
func (s *requestState) logger(c *config) *loggerState {
	if g := s.findLogger(c); g != nil {
		return g
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.findLogger(c); g != nil {
		return g
	}
	g := &loggerState{cfg: c, next: s.loggers.Load()}
	if s.outcome != nil {
		g.complete(*s.outcome)
	}
	s.loggers.Store(g)
	return g
}

func (s *requestState) findLogger(c *config) *loggerState {
	for g := s.loggers.Load(); g != nil; g = g.next {
		if g.cfg == c {
			return g
		}
	}
	return nil
}
