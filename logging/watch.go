// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"log/slog"

	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/watch"
)

// Correlates reports whether core says of each line what it belongs to: it was made by
// [NewCore] or [Correlate], or has such a core in it. A nil core does not.
func Correlates(core zapcore.Core) bool {
	if core == nil {
		return false
	}
	_, ok := correlatedWithin(core, nil)
	return ok
}

// CorrelatesHandler is Correlates for a handler of slog, and [NewHandler]. A nil handler
// does not.
func CorrelatesHandler(h slog.Handler) bool { return h != nil && correlatedHandlerWithin(h) }

// tellWatch tells w of a line that has lost its request, or has another's.
func tellWatch(ctx context.Context, w *watch.Watch, o owner) {
	if ctx != nil {
		w.Context(ctx, watch.Line)
	}
	if o.request == nil && o.span == nil {
		w.Owned(watch.Line)
	}
}
