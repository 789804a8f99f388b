// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"log/slog"
	"time"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/value"
)

// WithSlog has h write the completion line, as [WithLogger] has a logger of zap's, with the same fields and levels; the ids of
// the request are on it whether or not h is of logging.NewHandler already. Where both are given, each has its line. An error of h's is
// dropped, as slog does it. The default is no line. A nil h panics.
func WithSlog(h slog.Handler) Option {
	need(h != nil, "WithSlog", "(nil)", "leave the option out for no completion line")
	return option(func(c *config) { c.handler = h })
}

// zapToSlog is how many of slog's levels make one of zap's.
const zapToSlog = 4

func (x *Exchange) logSlog(o *Outcome, r result, elapsed time.Duration) {
	h, l := x.inst.handler, slog.Level(level(r))*zapToSlog
	if !h.Enabled(x.ctx, l) {
		return
	}
	fields := lines.Get().(*[]zap.Field)
	defer releaseLine(fields)
	*fields = x.fields(*fields, o, r, elapsed)
	line := slog.NewRecord(time.Now(), l, Message, 0)
	for i := range *fields {
		if f := &(*fields)[i]; value.ContextOf(f) == nil {
			line.AddAttrs(value.Attr(f))
		}
	}
	_ = h.Handle(x.ctx, line)
}
