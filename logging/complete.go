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

// Complete tells the loggers the outcome of the request that ctx carries, else of the calling
// goroutine's. Packages middleware and jobs call it. A program that calls Request.Run itself calls
// it once, inside Run, before the completion line: a flight recorder then writes or drops the lines
// it has kept. A second call, or one outside a request, does nothing.
//
// The kept lines of a request that is never completed are written only if it logs an error.
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

// complete ends the keeping of lines. It writes all of them, and later ones as they come, or it
// drops them.
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
	g.emissions.forget(&rec.emissions)
}

// errored handles an error line of any logger: the loggers write the lines of r that they have
// kept, and observers of r's end are notified.
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
		g.emissions.flush(&rec.emissions, emitKept)
	}
}
