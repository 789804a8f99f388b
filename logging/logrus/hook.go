// SPDX-License-Identifier: Apache-2.0

package logruslogging

import (
	"log/slog"

	"github.com/sirupsen/logrus"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
)

// NewHook returns a hook for Logger.AddHook. It takes the options of [logging.NewCorrelator]:
// WithScheme, WithGoroutines and WithRedaction, which also applies to the line's own fields. Any
// other option panics. The hook adds nothing to a line outside requests and spans.
func NewHook(opts ...logging.Option) logrus.Hook { return hook{logging.NewCorrelator(opts...)} }

type hook struct{ correlator *logging.Correlator }

// Levels returns all levels, so that Fire is called for every line.
func (hook) Levels() []logrus.Level { return logrus.AllLevels }

// Fire adds to the line what it belongs to. logrus hands hooks a copy of the entry, so the fields
// of a logger that is used again do not change.
func (h hook) Fire(e *logrus.Entry) error {
	data := make(logrus.Fields, len(e.Data)+8)
	for key, v := range e.Data {
		data[key] = h.correlator.Value(key, v)
	}
	has := func(key string) bool { _, ok := e.Data[key]; return ok }
	var room [16]slog.Attr
	for _, a := range h.correlator.Attrs(e.Context, room[:0], zapLevel(e.Level), has) {
		put(data, a)
	}
	e.Data = data
	return nil
}

// put adds a; if a has no name, it adds the members of a.
func put(data logrus.Fields, a slog.Attr) {
	if a.Key == "" && a.Value.Kind() == slog.KindGroup {
		for _, member := range a.Value.Group() {
			put(data, member)
		}
		return
	}
	data[a.Key] = plain(a.Value)
}

// plain returns v as logrus's formatters show it.
func plain(v slog.Value) any {
	if v.Kind() != slog.KindGroup {
		return v.Any()
	}
	m := make(map[string]any, len(v.Group()))
	for _, member := range v.Group() {
		m[member.Key] = plain(member.Value)
	}
	return m
}

// zapLevel maps logrus's levels, of which 0 is the highest, to zap's.
func zapLevel(l logrus.Level) zapcore.Level {
	switch l {
	case logrus.PanicLevel:
		return zapcore.PanicLevel
	case logrus.FatalLevel:
		return zapcore.FatalLevel
	}
	return zapcore.InfoLevel + zapcore.Level(logrus.InfoLevel) - zapcore.Level(l)
}
