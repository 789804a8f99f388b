// SPDX-License-Identifier: Apache-2.0

package encode

import (
	"context"
	"math"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
)

// Zap adds zap fields, and returns the last context among them, or nil if there is none. Scalars
// are encoded as they are. Methods of a value are called in bounded time. If one panics or does not
// return, the field is replaced by one with the key <key>Error, as in zap.
func (f *Fields) Zap(fields []zap.Field) (ctx context.Context) {
	for i := range fields {
		if with := value.ContextOf(&fields[i]); with != nil {
			ctx = with
			continue
		}
		f.zap(&fields[i])
	}
	return ctx
}

func (f *Fields) zap(z *zap.Field) {
	switch z.Type {
	case zapcore.SkipType:
	case zapcore.NamespaceType:
		f.Open(z.Key)
	case zapcore.StringType:
		f.text(z.Key, z.String)
	case zapcore.BoolType:
		f.add(z.Key, func(b []byte) []byte { return appendBool(b, z.Integer == 1) })
	case zapcore.Int64Type, zapcore.Int32Type, zapcore.Int16Type, zapcore.Int8Type, zapcore.Uint32Type, zapcore.Uint16Type,
		zapcore.Uint8Type, zapcore.DurationType, zapcore.TimeType:
		f.add(z.Key, func(b []byte) []byte { return appendInt(b, z.Integer) })
	case zapcore.Uint64Type, zapcore.UintptrType:
		f.add(z.Key, func(b []byte) []byte { return appendUint(b, uint64(z.Integer)) })
	case zapcore.Float64Type:
		f.add(z.Key, func(b []byte) []byte { return appendDouble(b, math.Float64frombits(uint64(z.Integer))) })
	case zapcore.Float32Type:
		f.add(z.Key, func(b []byte) []byte { return appendDouble(b, float64(math.Float32frombits(uint32(z.Integer)))) })
	default:
		f.held(z)
	}
}

// held adds a field that holds its value.
func (f *Fields) held(z *zap.Field) {
	switch v := z.Interface.(type) {
	case []byte:
		if z.Type == zapcore.BinaryType {
			f.value(z.Key, v)
			return
		}
	case time.Time:
		if z.Type == zapcore.TimeFullType {
			f.value(z.Key, v)
			return
		}
	case error:
		if z.Type == zapcore.ErrorType {
			f.error(z.Key, v)
			return
		}
	}
	f.marshaled(z)
}

// marshaled adds what a value writes by its own method, through zap's map encoder. A method that
// does not return in time keeps writing to that encoder, so its fields are not read.
func (f *Fields) marshaled(z *zap.Field) {
	field := *z
	fields, err := text.Call(value.Asked(z), func() map[string]any {
		enc := zapcore.NewMapObjectEncoder()
		field.AddTo(enc)
		return enc.Fields
	})
	if err != nil {
		failed := value.Failed(z, err)
		f.text(failed.Key, failed.String)
		return
	}
	for key, v := range fields {
		if s, ok := v.(string); ok {
			f.text(key, s)
			continue
		}
		f.value(key, v)
	}
}

// value adds a value of any type.
func (f *Fields) value(key string, v any) {
	f.add(key, func(b []byte) []byte { return appendAny(b, v, 0) })
}

// error adds an error. The error that a line is about is encoded as the SDK does it.
func (f *Fields) error(key string, err error) {
	if (key == "error" || key == "err") && len(f.groups) == 0 {
		f.err = err
		return
	}
	f.add(key, func(b []byte) []byte { return appendText(b, text.Error(err, maxErrorText)) })
}

// Place adds where a line was logged, as far as its logger reports it.
func (f *Fields) Place(at zapcore.EntryCaller, stack string) {
	if at.Defined {
		f.source(at.File, at.Line, at.Function)
	}
	switch {
	case stack == "":
	case f.err != nil:
		f.own("exception.stacktrace", stack)
	default:
		f.own("code.stacktrace", stack)
	}
}

func (f *Fields) source(file string, line int, function string) {
	f.own("code.file.path", file)
	f.own("code.line.number", line)
	f.own("code.function.name", function)
}

// own adds an attribute outside of groups.
func (f *Fields) own(key string, v any) {
	f.top = appendPair(f.top, attrsOfLine, key, func(b []byte) []byte { return appendAny(b, v, 0) })
}
