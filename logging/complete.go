// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"time"

	"github.com/asynclocal/asynclocal/internal/ending"
	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/store"
)

// Outcome is how a unit of work ended.
type Outcome struct {
	Failed   bool          // it answered 5xx, panicked, or its job returned an error
	Duration time.Duration // how long it took; 0 is never slow
}

// Complete tells the loggers how the request that ctx carries, else the calling
// goroutine's, has ended. middleware and jobs do. A program that
// calls Request.Run itself calls it once, inside Run, before the completion line: it is
// when a flight recorder writes or forgets what it has kept. A second call, or one
// outside a request, does nothing.
//
// What a request that is never completed has kept is written only if it logs an
// error.
func Complete(ctx context.Context, o Outcome) {
	told, recorded := ending.On(), recorders.Load()
	if !told && !recorded {
		return
	}
	r, ok := logstate.Request(ctx)
	if !ok {
		return
	}
	if told {
		ending.End(ctx, r, o.Failed, o.Duration)
	}
	if recorded {
		requestStates.Of(r).complete(o)
	}
}

func (s *requestState) complete(o Outcome) {
	s.mu.Lock()
	if s.outcome != nil {
		s.mu.Unlock()
		return
	}
	s.outcome = &o
	g := s.loggers.Load()
	s.mu.Unlock()
	for ; g != nil; g = g.next {
		g.complete(o)
	}
}

// complete ends the keeping: by writing it all, and what comes late, or by
// forgetting it.
func (g *loggerState) complete(o Outcome) {
	rec := g.cfg.recorder
	if rec == nil {
		return
	}
	if o.Failed || rec.slow > 0 && o.Duration >= rec.slow {
		g.flush()
		return
	}
	g.entries.forget(&rec.entries)
	g.records.forget(&rec.records)
}

// errored is what a line of an error brings about, by whichever logger it is written: all
// that loggers have kept of r is written, and what waits for the end of r is told.
func errored(ctx context.Context, r *store.Request) {
	ending.Error(ctx)
	if !recorders.Load() {
		return
	}
	if s := peekState(r); s != nil {
		for g := s.loggers.Load(); g != nil; g = g.next {
			g.flush()
		}
	}
}

func (g *loggerState) flush() {
	if rec := g.cfg.recorder; rec != nil {
		g.entries.flush(&rec.entries, writeEntry)
		g.records.flush(&rec.records, writeRecord)
	}
}
