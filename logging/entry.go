// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"fmt"
	"slices"

	"go.opentelemetry.io/otel"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
)

// entry is a zap line that a flight recorder has kept.
type entry struct {
	core   *core // with the fields of With
	ent    zapcore.Entry
	fields []zap.Field // frozen
	ctx    context.Context
	errors zapcore.WriteSyncer // where the logger reports what a core cannot write
}

func (e *entry) reset() {
	clear(e.fields)
	*e = entry{fields: e.fields[:0]}
	if cap(e.fields) > maxKeptFields {
		e.fields = nil
	}
}

// writeEntry writes e, and how many lines before it were lost. A recorder's lines are written
// during another line, or at the end of a request, so a panic that they cause stops here.
func writeEntry(e *entry, lost int) {
	defer e.recover()
	e.core.cfg.redactor.Fields(e.fields)
	settle(e.fields)
	if e.ctx != nil {
		e.fields = append(e.fields, Ctx(e.ctx))
	}
	// At the front: an inline object among the others may open a namespace.
	e.fields = slices.Insert(e.fields, 0, zap.Bool(recordedKey, true))
	if lost > 0 {
		e.fields = slices.Insert(e.fields, 1, zap.Int(linesDroppedKey, lost))
	}
	if ce := e.core.forced(e.ent); ce != nil {
		ce.ErrorOutput = e.errors
		ce.Write(e.fields...)
	}
}

// recover is deferred around the writing of e. It reports a panic the way zap reports an error of a
// core.
func (e *entry) recover() {
	value := recover()
	if value == nil {
		return
	}
	err := fmt.Errorf("logging: a core panicked with a line that was kept, %q: %s", e.ent.Message, text.Of(value, maxPanic))
	defer func() {
		if recover() != nil {
			otel.Handle(err)
		}
	}()
	if e.errors == nil {
		otel.Handle(err)
		return
	}
	_, _ = fmt.Fprintf(e.errors, "%v write error: %v\n", e.ent.Time, err)
	_ = e.errors.Sync()
}

// keep keeps the line that l has composed. It swaps the fields with those of the place in the ring,
// which can be reused: nothing is copied twice and nothing is allocated.
func (l *line) keep(ent zapcore.Entry) recordingState {
	rec := l.cfg.recorder
	if l.ctx != nil {
		last := len(l.fields) - 1 // compose put it there
		l.fields[last] = zap.Field{}
		l.fields = l.fields[:last]
	}
	if !value.IsFrozen(l.fields) {
		l.fields = value.Freeze(nil, l.fields, l.cfg.redactor, false)
	}
	state := l.logger.entries.keep(&rec.entries, rec.lines, func(e *entry) {
		e.core, e.ent, e.ctx, e.errors = l.core, ent, l.ctx, l.outer.ErrorOutput
		e.fields, l.fields = l.fields, e.fields[:0]
	})
	if state == open && l.ctx != nil {
		l.fields = append(l.fields, Ctx(l.ctx))
	}
	return state
}
