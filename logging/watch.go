// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"log/slog"

	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/watch"
)

// Correlates reports whether core adds to each line what it belongs to: whether it was made by
// [NewCore] or [Correlate], or contains such a core. For a nil core it returns false.
func Correlates(core zapcore.Core) bool {
	if core == nil {
		return false
	}
	_, ok := correlatedWithin(core, nil)
	return ok
}

// CorrelatesHandler is Correlates for a slog handler, made by [NewHandler]. For a nil handler it
// returns false.
func CorrelatesHandler(h slog.Handler) bool { return h != nil && correlatedHandlerWithin(h) }

// tellWatch lets w check whether a line has lost its request, or has another's.
func tellWatch(ctx context.Context, w *watch.Watch, o owner) {
	if ctx != nil {
		w.Context(ctx, watch.Line)
	}
	if o.request == nil && o.span == nil {
		w.Owned(watch.Line)
	}
}
