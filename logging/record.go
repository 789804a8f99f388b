// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"fmt"
	"log/slog"

	"go.opentelemetry.io/otel"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
)

// maxPanic is the maximum length of the text of a panic, in bytes.
const maxPanic = 256

// record is a slog line that a flight recorder has kept.
type record struct {
	handler *handler
	ctx     context.Context
	line    slog.Record
}

func (r *record) reset() { *r = record{} }

// writeRecord writes r, and how many lines before it were lost. slog has nowhere to report what a
// handler could not write. A panic, which does not belong to the line being logged now, goes to
// OpenTelemetry's error handler.
func writeRecord(r *record, lost int) {
	defer func() {
		if value := recover(); value != nil {
			otel.Handle(fmt.Errorf("logging: a handler panicked with a line that was kept, %q: %s",
				r.line.Message, text.Of(value, maxPanic)))
		}
	}()
	line := mapAttrs(mapAttrs(r.line, r.handler.cfg.redactor.Attr), settleAttr)
	line.AddAttrs(slog.Bool(recordedKey, true))
	if lost > 0 {
		line.AddAttrs(slog.Int(linesDroppedKey, lost))
	}
	_ = r.handler.inner.Handle(r.ctx, line)
}

// mapAttrs returns r with f applied to each attribute.
func mapAttrs(r slog.Record, f func(slog.Attr) slog.Attr) slog.Record {
	n := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool { n.AddAttrs(f(a)); return true })
	return n
}

// keepRecord keeps line, with its values copied so that nothing can change them.
func (h *handler) keepRecord(ctx context.Context, line slog.Record, g *loggerState) recordingState {
	read := mapAttrs(line, func(a slog.Attr) slog.Attr { return value.FreezeAttr(a, h.cfg.redactor) })
	rec := h.cfg.recorder
	return g.records.keep(&rec.records, rec.lines, func(r *record) {
		r.handler, r.ctx, r.line = h, ctx, read
	})
}
