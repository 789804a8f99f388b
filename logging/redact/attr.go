// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"encoding"
	"encoding/json"
	"log/slog"
	"reflect"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/value"
)

// Attrs returns attrs redacted. It does not change attrs.
func (r *Redactor) Attrs(attrs []slog.Attr) []slog.Attr {
	var asked value.Valuers
	return r.attrs(attrs, &asked)
}

func (r *Redactor) attrs(attrs []slog.Attr, asked *value.Valuers) []slog.Attr {
	if !r.HasKeys() && !slices.ContainsFunc(attrs, mayHideMore) {
		return attrs
	}
	seen := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		seen[i] = r.attr(a, asked)
	}
	return seen
}

// mayHideMore reports whether a needs more than a look at its key.
func mayHideMore(a slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindGroup, slog.KindAny, slog.KindLogValuer:
		return true
	}
	return false
}

// Attr returns a redacted. A LogValuer is resolved, as are those that it returns, up to a bound.
func (r *Redactor) Attr(a slog.Attr) slog.Attr {
	var asked value.Valuers
	return r.attr(a, &asked)
}

func (r *Redactor) attr(a slog.Attr, asked *value.Valuers) slog.Attr {
	if r.IsSecret(a.Key) {
		return slog.String(a.Key, redacted)
	}
	switch a.Value.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(r.attrs(a.Value.Group(), asked)...)}
	case slog.KindLogValuer:
		if asked.Spent() {
			return slog.Attr{Key: a.Key, Value: value.Beyond()}
		}
		return r.attr(slog.Attr{Key: a.Key, Value: a.Value.Resolve()}, asked)
	case slog.KindAny:
		return r.redactAny(a)
	}
	return a
}

func (r *Redactor) redactAny(a slog.Attr) slog.Attr {
	v := a.Value.Any()
	switch v.(type) {
	case error, encoding.TextMarshaler:
		if _, ok := v.(json.Marshaler); !ok {
			return a
		}
	}
	f := zap.Reflect(a.Key, v)
	r.redactValue(&f)
	if f.Type == zapcore.ReflectType && same(f.Interface, v) {
		return a
	}
	return value.Attr(&f)
}

// same reports whether a and b are one value, which need not be comparable.
func same(a, b any) bool {
	t := reflect.TypeOf(a)
	if t != reflect.TypeOf(b) {
		return false
	}
	if t == nil {
		return true
	}
	switch t.Kind() {
	case reflect.Map, reflect.Slice, reflect.Pointer, reflect.Func, reflect.Chan:
		return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
	}
	return true // Value changes the type of all others
}
