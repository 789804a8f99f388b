// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"log/slog"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// probe finds correlated cores inside of others: it is handed to With, which tees,
// samplers and hooks pass on, in a field that prints nothing. Without it a tee of
// correlated cores, each in its own form, would get the ids in a second form
// where the whole is correlated.
type probe struct {
	replace *config // what to use from now on; nil: what there is
	found   bool
	met     func(*config) // told of each; nil: no one is
}

func (p *probe) field() zap.Field { return zap.Field{Type: zapcore.SkipType, Interface: p} }

// probeOf returns the probe that f is, nil if it is something else.
func probeOf(f *zap.Field) *probe {
	if f.Type != zapcore.SkipType {
		return nil
	}
	p, _ := f.Interface.(*probe)
	return p
}

// correlatedWithin returns inner, with the options of its correlated cores
// replaced where replace is not nil, if there are any within.
func correlatedWithin(inner zapcore.Core, replace *config) (zapcore.Core, bool) {
	p := probe{replace: replace}
	again := inner.With([]zap.Field{p.field()})
	if replace == nil {
		again = inner
	}
	return again, p.found
}

// correlatedHandlerWithin is the half of it that slog has the means for: an
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
