// SPDX-License-Identifier: Apache-2.0

package logruslogging

import (
	"log/slog"

	"github.com/sirupsen/logrus"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
)

// NewHook returns a hook for Logger.AddHook. It takes the options of [logging.NewCorrelator]:
// WithScheme, WithGoroutines and WithRedaction, which goes by the fields of a line too; any other
// panics. On a line outside of requests and spans it puts nothing.
func NewHook(opts ...logging.Option) logrus.Hook { return hook{logging.NewCorrelator(opts...)} }

type hook struct{ correlator *logging.Correlator }

// Levels makes hook a logrus.Hook, for all lines.
func (hook) Levels() []logrus.Level { return logrus.AllLevels }

// Fire puts on the line what it belongs to. logrus hands hooks a copy of the entry, so that the
// fields of a logger that is used again stay as they are.
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

// put adds a, which without a name is its members.
func put(data logrus.Fields, a slog.Attr) {
	if a.Key == "" && a.Value.Kind() == slog.KindGroup {
		for _, member := range a.Value.Group() {
			put(data, member)
		}
		return
	}
	data[a.Key] = plain(a.Value)
}

// plain returns v as a formatter of logrus's shows it.
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

// zapLevel puts logrus's levels, of which 0 is the highest, on zap's.
func zapLevel(l logrus.Level) zapcore.Level {
	switch l {
	case logrus.PanicLevel:
		return zapcore.PanicLevel
	case logrus.FatalLevel:
		return zapcore.FatalLevel
	}
	return zapcore.InfoLevel + zapcore.Level(logrus.InfoLevel) - zapcore.Level(l)
}
