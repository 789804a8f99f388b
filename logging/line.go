// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// line is one entry on its way: the core that zap's CheckedEntry holds for it.
type line struct {
	*core
	inner  *zapcore.CheckedEntry // what the wrapped core has agreed to
	outer  *zapcore.CheckedEntry // where the logger says what its error output is
	fields []zap.Field           // zero behind its end
	ctx    context.Context       // what the wrapped core is handed, nil: none

	decided bool // by Check, for the request it knew
	unclean bool // there may be what must not be seen
	decision
}

// maxKeptFields bounds what a line that goes back to the pool holds on to.
const maxKeptFields = 128

var lines = sync.Pool{New: func() any { return &line{fields: make([]zap.Field, 0, 16)} }}

func newLine(c *core) *line {
	l := lines.Get().(*line)
	l.core = c
	return l
}

func (l *line) free() {
	clear(l.fields)
	fields := l.fields[:0]
	if cap(fields) == 0 || cap(fields) > maxKeptFields {
		fields = make([]zap.Field, 0, 16)
	}
	*l = line{fields: fields}
	lines.Put(l)
}

// Write does with the entry what Check has found, or what it would have found had
// it seen the line's explicit context.
func (l *line) Write(ent zapcore.Entry, fields []zap.Field) error {
	if l.core == nil {
		return nil // a CheckedEntry used twice; zap reports that
	}
	defer l.free()
	o := l.compose(fields)
	if l.decided && o.request != l.request {
		l.decision = l.cfg.decide(l.ctx, ent.Level, l.core.inner.Enabled(ent.Level))
	}
	l.request = o.request
	if l.action == hold {
		if l.keep(ent) != open {
			return nil
		}
		l.action = force
	}
	return l.write(ent)
}

// announce does what a line that is about to be written brings about. Redaction is
// left to it, for a line that is kept may never be written.
func (l *line) announce(ent zapcore.Entry) {
	if l.unclean {
		l.cfg.redactor.Fields(l.fields)
	}
	if ent.Level >= zapcore.ErrorLevel {
		errored(l.ctx, l.request)
	}
	if l.cfg.events || l.cfg.status {
		l.cfg.tellSpan(l.ctx, ent.Level, ent.Message, errorOf(l.fields))
	}
}

// write has the entry written by the cores that have agreed to it. Their errors go
// where the logger's do.
func (l *line) write(ent zapcore.Entry) error {
	if l.direct && l.action != drop {
		l.announce(ent)
		return l.emit(ent)
	}
	switch {
	case l.inner != nil || l.action == drop:
	case l.action == ask:
		l.inner = l.core.inner.Check(ent, nil)
	default:
		l.inner = l.forced(ent)
	}
	if l.action == drop || l.inner == nil {
		return nil
	}
	l.announce(ent)
	l.inner.Entry, l.inner.ErrorOutput = ent, l.outer.ErrorOutput
	return l.emit(ent)
}
