// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"log/slog"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// probe finds correlated cores inside others: it is handed to With, which tees, samplers and hooks
// pass on, in a field that prints nothing. Without it, if the whole is correlated, a tee of
// correlated cores, each with its own form, would get the ids in a second form.
type probe struct {
	replace *config // the new config; nil: unchanged
	found   bool
	met     func(*config) // called for each; may be nil
}

func (p *probe) field() zap.Field { return zap.Field{Type: zapcore.SkipType, Interface: p} }

// probeOf returns the probe in f, or nil.
func probeOf(f *zap.Field) *probe {
	if f.Type != zapcore.SkipType {
		return nil
	}
	p, _ := f.Interface.(*probe)
	return p
}

// correlatedWithin returns inner, and whether it contains correlated cores; their options are
// replaced if replace is not nil.
func correlatedWithin(inner zapcore.Core, replace *config) (zapcore.Core, bool) {
	p := probe{replace: replace}
	again := inner.With([]zap.Field{p.field()})
	if replace == nil {
		again = inner
	}
	return again, p.found
}

// correlatedHandlerWithin reports the same for a handler, as far as slog allows: the probe is an
// attribute of a handler that is thrown away.
func correlatedHandlerWithin(inner slog.Handler) bool {
	var p probe
	inner.WithAttrs([]slog.Attr{slog.Any("probe", &p)})
	return p.found
}

func probeIn(a slog.Attr) (*probe, bool) {
	if a.Value.Kind() != slog.KindAny {
		return nil, false
	}
	p, ok := a.Value.Any().(*probe)
	return p, ok
}
