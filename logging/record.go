// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"log/slog"
)

// record is a slog line that a flight recorder has kept.
type record struct {
	handler slog.Handler // the wrapped one
	ctx     context.Context
	line    slog.Record
}

func (r *record) reset() { *r = record{} }

// writeRecord writes r, and how many lines before it are lost. slog has nowhere to
// report what a handler could not write.
func writeRecord(r *record, lost int) {
	r.line.AddAttrs(slog.Bool(recordedKey, true))
	if lost > 0 {
		r.line.AddAttrs(slog.Int(linesDroppedKey, lost))
	}
	_ = r.handler.Handle(r.ctx, r.line)
}

// keepRecord keeps line, its values read now.
func (h *handler) keepRecord(ctx context.Context, line slog.Record, g *ledger) tapeState {
	read := slog.NewRecord(line.Time, line.Level, line.Message, line.PC)
	line.Attrs(func(a slog.Attr) bool { read.AddAttrs(stillAttr(a)); return true })
	rec := h.cfg.recorder
	return g.records.keep(&rec.records, rec.lines, func(r *record) {
		r.handler, r.ctx, r.line = h.inner, ctx, read
	})
}
