// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"log/slog"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/billing"
	fieldvalue "github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/logging"
)

// WithSlog has h write the line when a job is over, as [WithLogger] has a logger of zap's, with the same fields and levels; the
// ids of the request are on it whether or not h is of logging.NewHandler already. Where both are given, each has its line. An error of
// h's is dropped, as slog does it. The default is no line. A nil h panics.
func WithSlog(h slog.Handler) Option {
	need(h != nil, "WithSlog", "leave the option out for no line")
	return option(func(c *config) { c.handler = h })
}

// completeSlog writes the completion line to slog. level is zap's.
func (w *work) completeSlog(ctx context.Context, level zapcore.Level, message string, fields []zap.Field) {
	defer sinkPanicked()
	const zapToSlog = 4
	l := slog.Level(level) * zapToSlog
	if !w.handler.Enabled(ctx, l) {
		return
	}
	line := slog.NewRecord(time.Now(), l, message, 0)
	for i := range fields {
		if fieldvalue.ContextOf(&fields[i]) == nil {
			line.AddAttrs(fieldvalue.Attr(&fields[i]))
		}
	}
	_ = w.handler.Handle(ctx, line)
}

// lineFields are the completion line's.
func (w *work) lineFields(ctx context.Context, d time.Duration, sum *billing.Sum, more []zap.Field) []zap.Field {
	fields := make([]zap.Field, 0, 3+len(more)+len(w.fields))
	fields = append(fields, logging.Ctx(ctx), zap.String("job", w.name),
		zap.Float64("duration_ms", float64(d)/float64(time.Millisecond)))
	fields = append(sum.Fields(fields), more...)
	return append(fields, w.fields...)
}
