// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"io"
	"log/slog"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
)

// settle replaces the fields whose values fail when they are encoded, and reports whether there
// were any.
func settle(fields []zap.Field) (some bool) {
	for i := range fields {
		f := &fields[i]
		switch f.Type {
		case zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType, zapcore.ArrayMarshalerType, zapcore.ReflectType,
			zapcore.StringerType, zapcore.ErrorType:
		default:
			continue
		}
		field := *f // one that has not returned goes on reading it
		_, err := text.Call(value.Asked(f), func() any {
			field.AddTo(zapcore.NewJSONEncoder(zapcore.EncoderConfig{}))
			return nil
		})
		if err != nil {
			*f, some = value.Failed(f, err), true
		}
	}
	return some
}

// emit has the cores write the line. zap lets a panic of a value's method through, at the cost of
// the request that logged it; here the line is written with the panic's message in place of the
// value. A panic of a core itself continues.
func (l *line) emit(ent zapcore.Entry) (err error) {
	done := false
	defer func() {
		if !done {
			err = l.again(ent, recover())
		}
	}()
	if l.inner == nil {
		err = l.core.inner.Write(ent, l.fields)
	} else {
		l.inner.Write(l.fields...)
	}
	done = true
	return err
}

// again writes the line once more, after a panic with value.
func (l *line) again(ent zapcore.Entry, value any) error {
	if value == nil { // runtime.Goexit
		return nil
	}
	if !settle(l.fields) {
		panic(value)
	}
	if l.inner == nil {
		return l.core.inner.Write(ent, l.fields)
	}
	if l.inner = l.forced(ent); l.inner != nil {
		if l.outer != nil {
			l.inner.ErrorOutput = l.outer.ErrorOutput
		}
		l.inner.Write(l.fields...)
	}
	return nil
}

// withFields is inner.With with the same protection.
func withFields(inner zapcore.Core, fields []zap.Field) (with zapcore.Core) {
	defer func() {
		if with != nil {
			return
		}
		if value := recover(); value != nil {
			if !settle(fields) {
				panic(value)
			}
			with = inner.With(fields)
		}
	}()
	return inner.With(fields)
}

// settleAttr returns a, or a description of the failure if its value fails when a handler reads it.
func settleAttr(a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindGroup:
		inner := make([]slog.Attr, 0, len(a.Value.Group()))
		for _, m := range a.Value.Group() {
			inner = append(inner, settleAttr(m))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(inner...)}
	case slog.KindAny, slog.KindLogValuer:
	default:
		return a
	}
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, "", 0)
	r.AddAttrs(a)
	_, err := text.Call(a.Value.Any(), func() any {
		_ = slog.NewJSONHandler(io.Discard, nil).Handle(context.Background(), r)
		_ = slog.NewTextHandler(io.Discard, nil).Handle(context.Background(), r)
		return nil
	})
	if err != nil {
		return slog.String(a.Key, "!ERROR: "+err.Error())
	}
	return a
}
