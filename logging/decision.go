// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"

	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/logstate"
	"github.com/asynclocal/asynclocal/store"
)

// action is what to do with a line.
type action uint8

const (
	drop  action = iota
	ask          // the wrapped core decides
	force        // the wrapped core writes it, whatever its own level
	hold         // the flight recorder keeps it
)

// isPlain reports whether the wrapped core or handler alone decides.
func (c *config) isPlain() bool { return !c.selective && (c.fixed || !logstate.AnyLevel()) }

// admits reports whether a line at l may be written or kept in the request that ctx carries, or in
// the goroutine's if ctx is nil. on is the answer of the wrapped core or handler. Sampling is left
// to decide.
func (c *config) admits(ctx context.Context, l zapcore.Level, on bool) bool {
	rec := c.recorder
	if c.level == nil && (c.fixed || !logstate.AnyLevel()) {
		if on || rec == nil || l < rec.level {
			return on
		}
	}
	r, ok := logstate.Request(ctx)
	return ok && rec != nil && l >= rec.level || c.passes(r, l, on) != drop
}

// passes returns what the levels alone make of a line: drop, ask or force.
func (c *config) passes(r *store.Request, l zapcore.Level, on bool) action {
	own, ok := c.own(r)
	switch {
	case ok && l < own, !ok && !on:
		return drop
	case !on:
		return force
	}
	return ask
}

// own returns the level set for r, if there is one and it counts.
func (c *config) own(r *store.Request) (l zapcore.Level, ok bool) {
	if r == nil || c.fixed {
		return 0, false
	}
	if l, ok = logstate.Peek(r).Level(); ok || c.level == nil {
		return l, ok
	}
	if !requestStates.Of(r).logger(c).asks(r.Name()) {
		return 0, false
	}
	if l, ok = c.level(r); ok {
		logstate.Of(r).InitLevel(l)
	}
	return l, ok
}

// decision is what to do with a line, and the request it was decided for. logger is nil outside
// requests, and if it is not needed.
type decision struct {
	action  action
	request *store.Request
	logger  *loggerState
}

// decide decides about a line as admits does, but with everything considered.
func (c *config) decide(ctx context.Context, l zapcore.Level, on bool) (j decision) {
	r, ok := logstate.Request(ctx)
	j.request = r
	if ok && (c.sample != nil || c.recorder != nil) {
		j.logger = requestStates.Of(r).logger(c)
	}
	j.action = c.passes(r, l, on)
	if j.action != drop && c.leavesOut(ctx, l, j.logger) {
		j.action = drop
	}
	if j.action == drop && j.logger != nil && c.recorder != nil && l >= c.recorder.level {
		j.action = hold
	}
	return j
}

// Enabled reports whether a line at l may be written or kept, in the request that the calling
// goroutine works for or that With has bound.
func (c *core) Enabled(l zapcore.Level) bool {
	on := c.inner.Enabled(l)
	if c.cfg.isPlain() {
		return on
	}
	return c.cfg.admits(c.ctx, l, on)
}

// Check asks inner for a separate entry, with the cores that agree to write it, and adds it to ce
// as one core: only inner's cores get the fields that the line adds.
func (c *core) Check(ent zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	plain := c.cfg.isPlain()
	if plain && c.direct {
		if c.inner.Enabled(ent.Level) {
			return ce.AddCore(ent, c)
		}
		return ce
	}
	j := decision{action: ask}
	if !plain {
		j = c.cfg.decide(c.ctx, ent.Level, c.inner.Enabled(ent.Level))
	}
	var inner *zapcore.CheckedEntry
	if j.action == ask && !c.direct { // for a direct core, decide already knows what Check would say
		if inner = c.inner.Check(ent, nil); inner == nil {
			return ce
		}
	}
	if j.action == drop {
		return ce
	}
	l := newLine(c)
	l.decision, l.decided = j, !plain
	l.inner = inner
	l.outer = ce.AddCore(ent, l)
	return l.outer
}

// forced returns ent as checked, at its level or else the next level that is enabled, by the cores
// that write that level; nil if there is no such level. Calling Write on wrapped cores is not
// enough: hooks would not pass it on, and a tee would pass it to cores that are for errors only.
func (c *core) forced(ent zapcore.Entry) *zapcore.CheckedEntry {
	if c.direct {
		return (*zapcore.CheckedEntry)(nil).AddCore(ent, c.inner)
	}
	for l := ent.Level; l <= zapcore.FatalLevel; l++ {
		if !c.inner.Enabled(l) {
			continue
		}
		as := ent
		as.Level = l
		ce := c.inner.Check(as, nil)
		if ce != nil {
			ce.Entry = ent
		}
		return ce
	}
	return nil
}
