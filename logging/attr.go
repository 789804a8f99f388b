// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"encoding"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// attrOf returns a field of zap's as slog has it.
func attrOf(f *zap.Field) slog.Attr {
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
	}
	enc := zapcore.NewMapObjectEncoder()
	f.AddTo(enc)
	return slog.Any(f.Key, enc.Fields[f.Key])
}

// redactAttrs returns attrs without what must not be seen. It changes nothing.
func (c *config) redactAttrs(attrs []slog.Attr) []slog.Attr {
	if len(c.secretKeys) == 0 && !slices.ContainsFunc(attrs, mayHideMore) {
		return attrs
	}
	seen := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		seen[i] = c.redactAttr(a)
	}
	return seen
}

// mayHideMore reports whether a's key does not say all about it.
func mayHideMore(a slog.Attr) bool {
	k := a.Value.Kind()
	return k == slog.KindGroup || k == slog.KindAny
}

func (c *config) redactAttr(a slog.Attr) slog.Attr {
	if c.isSecret(a.Key) {
		return slog.String(a.Key, redacted)
	}
	switch a.Value.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(c.redactAttrs(a.Value.Group())...)}
	case slog.KindLogValuer:
		if len(c.secretKeys) > 0 {
			return c.redactAttr(slog.Attr{Key: a.Key, Value: a.Value.Resolve()})
		}
	case slog.KindAny:
		switch a.Value.Any().(type) {
		case error, encoding.TextMarshaler:
			return a
		}
		f := zap.Reflect(a.Key, a.Value.Any())
		c.redactValue(&f)
		return attrOf(&f)
	}
	return a
}

// stillAttr returns a with its value read now.
func stillAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		var inner []slog.Attr
		for _, m := range v.Group() {
			inner = append(inner, stillAttr(m))
		}
		v = slog.GroupValue(inner...)
	case slog.KindAny:
		v = slog.AnyValue(stillAny(v.Any()))
	}
	return slog.Attr{Key: a.Key, Value: v}
}

func stillAny(v any) any {
	switch v.(type) {
	case error, *url.URL, url.URL, nil:
		return v
	}
	s, err := still(v)
	as, changed := s.(jsonValue)
	switch {
	case err != nil:
		return fmt.Sprintf("%+v", v)
	case changed:
		return readValue{as, text(v)}
	}
	return s
}

// readValue is a value as a JSON handler and as a text handler would show it.
type readValue struct {
	jsonValue
	text []byte
}

func (v readValue) MarshalText() ([]byte, error) { return v.text, nil }

// text is how a text handler shows a value.
func text(v any) []byte {
	if m, ok := v.(encoding.TextMarshaler); ok {
		if t, err := m.MarshalText(); err == nil {
			return t
		}
	}
	return fmt.Appendf(nil, "%+v", v)
}

// attrError returns the last error among r's attributes, nil if there is none.
func attrError(r slog.Record) (err error) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Value.Kind() == slog.KindAny {
			if e, ok := a.Value.Any().(error); ok {
				err = e
			}
		}
		return true
	})
	return err
}
