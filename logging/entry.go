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

// writeEntry writes e, and how many lines before it are lost. The lines of a recorder
// are written where another line, or a request's end, has it write: a panic that they
// cause stays here.
func writeEntry(e *entry, lost int) {
	defer e.recover()
	e.core.cfg.redactor.Fields(e.fields)
	settle(e.fields)
	if e.ctx != nil {
		e.fields = append(e.fields, Ctx(e.ctx))
	}
	// In front: an inline object among the others may open a namespace.
	e.fields = slices.Insert(e.fields, 0, zap.Bool(recordedKey, true))
	if lost > 0 {
		e.fields = slices.Insert(e.fields, 1, zap.Int(linesDroppedKey, lost))
	}
	if ce := e.core.forced(e.ent); ce != nil {
		ce.ErrorOutput = e.errors
		ce.Write(e.fields...)
	}
}

// recover is deferred around the writing of e. It reports a panic as zap does an error
// of a core's.
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

// keep keeps the line that l has composed. It swaps the fields with the place's,
// which is as good as new: nothing is copied twice and nothing allocated.
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
