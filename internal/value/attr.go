// SPDX-License-Identifier: Apache-2.0

package value

import (
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
)

// Attr returns a field of zap's as slog has it.
func Attr(f *zap.Field) slog.Attr {
	switch f.Type {
	case zapcore.StringType:
		return slog.String(f.Key, f.String)
	case zapcore.BoolType:
		return slog.Bool(f.Key, f.Integer == 1)
	case zapcore.Int64Type, zapcore.Int32Type, zapcore.Int16Type, zapcore.Int8Type:
		return slog.Int64(f.Key, f.Integer)
	case zapcore.Float64Type:
		return slog.Float64(f.Key, math.Float64frombits(uint64(f.Integer)))
	case zapcore.DurationType:
		return slog.Duration(f.Key, time.Duration(f.Integer))
	case zapcore.ErrorType, zapcore.ReflectType:
		return slog.Any(f.Key, f.Interface)
	case zapcore.ObjectMarshalerType:
		if o, ok := f.Interface.(object); ok {
			return slog.Attr{Key: f.Key, Value: slog.GroupValue(attrs(o)...)}
		}
	}
	enc := zapcore.NewMapObjectEncoder()
	if err := addSafely(f, enc); err != nil {
		return slog.String(f.Key, "!PANIC: "+err.Error())
	}
	if v, ok := enc.Fields[f.Key]; ok || len(enc.Fields) == 0 {
		return slog.Any(f.Key, v)
	}
	inline := make([]any, 0, 2*len(enc.Fields))
	for _, key := range slices.Sorted(maps.Keys(enc.Fields)) {
		inline = append(inline, slog.Any(key, enc.Fields[key]))
	}
	return slog.Group("", inline...)
}

// attrs are fields that were read, as slog has them.
func attrs(fields []zap.Field) []slog.Attr {
	all := make([]slog.Attr, len(fields))
	for i := range fields {
		all[i] = Attr(&fields[i])
	}
	return all
}

// addSafely adds f to enc; a method of its value may panic.
func addSafely(f *zap.Field, enc zapcore.ObjectEncoder) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s", text.Of(r, maxPanic))
		}
	}()
	f.AddTo(enc)
	return nil
}

// maxPanic is how much is said of a panic, in bytes.
const maxPanic = 256
