// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"log/slog"
)

// above is a handler that drops lines below a level.
type above struct {
	slog.Handler
	level slog.Level
}

func (h above) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

func (h above) WithAttrs(attrs []slog.Attr) slog.Handler {
	return above{h.Handler.WithAttrs(attrs), h.level}
}
func (h above) WithGroup(name string) slog.Handler { return above{h.Handler.WithGroup(name), h.level} }
