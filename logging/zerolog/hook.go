// SPDX-License-Identifier: Apache-2.0

package zerologging

import (
	"log/slog"

	"github.com/rs/zerolog"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
)

// NewHook returns a hook for Logger.Hook. It takes the options of [logging.NewCorrelator]:
// WithScheme, WithGoroutines and WithRedaction. Any other option panics. The hook adds nothing to a
// line outside requests and spans.
func NewHook(opts ...logging.Option) zerolog.Hook { return hook{logging.NewCorrelator(opts...)} }

type hook struct{ correlator *logging.Correlator }

// Run adds to the line what it belongs to.
func (h hook) Run(e *zerolog.Event, level zerolog.Level, _ string) {
	if !e.Enabled() {
		return
	}
	var room [16]slog.Attr
	for _, a := range h.correlator.Attrs(e.GetCtx(), room[:0], zapLevel(level), nil) {
		add(e, a)
	}
}

// zapLevel maps zerolog's levels, which have the same distances, to zap's. A line without a level
// counts as info.
func zapLevel(l zerolog.Level) zapcore.Level {
	switch {
	case l == zerolog.NoLevel || l == zerolog.Disabled:
		return zapcore.InfoLevel
	case l >= zerolog.FatalLevel:
		return zapcore.FatalLevel
	}
	return zapcore.Level(l - zerolog.InfoLevel)
}

func add(e *zerolog.Event, a slog.Attr) {
	switch v := a.Value; v.Kind() {
	case slog.KindString:
		e.Str(a.Key, v.String())
	case slog.KindInt64:
		e.Int64(a.Key, v.Int64())
	case slog.KindUint64:
		e.Uint64(a.Key, v.Uint64())
	case slog.KindFloat64:
		e.Float64(a.Key, v.Float64())
	case slog.KindBool:
		e.Bool(a.Key, v.Bool())
	case slog.KindDuration:
		e.Dur(a.Key, v.Duration())
	case slog.KindTime:
		e.Time(a.Key, v.Time())
	case slog.KindGroup:
		group(e, a)
	default:
		e.Interface(a.Key, v.Any())
	}
}

// group adds the attributes of a, as an object if a has a name.
func group(e *zerolog.Event, a slog.Attr) {
	if a.Key == "" {
		for _, member := range a.Value.Group() {
			add(e, member)
		}
		return
	}
	inner := zerolog.Dict()
	for _, member := range a.Value.Group() {
		add(inner, member)
	}
	e.Dict(a.Key, inner)
}
