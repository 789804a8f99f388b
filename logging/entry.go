// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
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

// writeEntry writes e, and how many lines before it are lost.
func writeEntry(e *entry, lost int) {
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

// keep keeps the line that l has composed. It swaps the fields with the place's,
// which is as good as new: nothing is copied twice and nothing allocated.
func (l *line) keep(ent zapcore.Entry) tapeState {
	rec := l.cfg.recorder
	if l.ctx != nil {
		last := len(l.fields) - 1 // compose put it there
		l.fields[last] = zap.Field{}
		l.fields = l.fields[:last]
	}
	if !isStill(l.fields) {
		l.fields = freeze(nil, l.fields)
	}
	state := l.ledger.entries.keep(&rec.entries, rec.lines, func(e *entry) {
		e.core, e.ent, e.ctx, e.errors = l.core, ent, l.ctx, l.outer.ErrorOutput
		e.fields, l.fields = l.fields, e.fields[:0]
	})
	if state == open && l.ctx != nil {
		l.fields = append(l.fields, Ctx(l.ctx))
	}
	return state
}
