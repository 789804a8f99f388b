// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
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
	switch a.Value.Kind() {
	case slog.KindGroup, slog.KindAny, slog.KindLogValuer:
		return true
	}
	return false
}

func (c *config) redactAttr(a slog.Attr) slog.Attr {
	if c.isSecret(a.Key) {
		return slog.String(a.Key, redacted)
	}
	switch a.Value.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(c.redactAttrs(a.Value.Group())...)}
	case slog.KindLogValuer:
		return c.redactAttr(slog.Attr{Key: a.Key, Value: a.Value.Resolve()})
	case slog.KindAny:
		return c.redactAny(a)
	}
	return a
}

func (c *config) redactAny(a slog.Attr) slog.Attr {
	v := a.Value.Any()
	switch v.(type) {
	case error, encoding.TextMarshaler:
		if _, ok := v.(json.Marshaler); !ok {
			return a
		}
	}
	f := zap.Reflect(a.Key, v)
	c.redactValue(&f)
	if f.Type == zapcore.ReflectType && same(f.Interface, v) {
		return a
	}
	return attrOf(&f)
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
	return true // show changes the type of all others
}

// stillAttr returns a with its value as nothing can change it. A LogValuer is asked
// when the line is written, unless it cannot be copied.
func (c *config) stillAttr(a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindGroup:
		inner := make([]slog.Attr, 0, len(a.Value.Group()))
		for _, m := range a.Value.Group() {
			inner = append(inner, c.stillAttr(m))
		}
		a.Value = slog.GroupValue(inner...)
	case slog.KindString:
		if s := a.Value.String(); len(s) > maxKeptText {
			a.Value = slog.StringValue(cutText(s))
		}
	case slog.KindAny:
		a.Value = slog.AnyValue(c.stillAny(a.Value.Any()))
	case slog.KindLogValuer:
		a.Value = c.stillValuer(a.Value)
	}
	return a
}

func (c *config) stillValuer(v slog.Value) slog.Value {
	switch copied, err := new(copier).copied(v.Any()); {
	case err == nil:
		return slog.AnyValue(copied)
	case errors.Is(err, errLarge):
		return slog.StringValue("!ERROR: " + err.Error())
	}
	resolved, err := text.Call(v.Any(), v.Resolve)
	if err != nil {
		return slog.StringValue("!ERROR: " + err.Error())
	}
	return c.stillAttr(slog.Attr{Value: resolved}).Value
}

func (c *config) stillAny(v any) any {
	switch b := v.(type) {
	case error:
		return v
	case []byte:
		return bytes.Clone(b[:min(len(b), maxKeptText)])
	}
	switch k := reflect.ValueOf(v).Kind(); k {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return fmt.Sprintf("%p", v) // JSON has nothing for it
	}
	if copied, err := new(copier).copied(v); err == nil {
		return copied
	}
	s, err := still(c.show(v), c)
	if err == nil {
		return s
	}
	if text.Printable(v) && !c.mayHide(reflect.TypeOf(v)) {
		if s, err := text.Call(v, func() string { return fmt.Sprintf("%+v", v) }); err == nil {
			return s
		}
	}
	return "!ERROR: " + err.Error()
}

// readValue is a value as a JSON handler and as a text handler would show it.
type readValue struct {
	jsonValue
	text []byte
}

func (v readValue) MarshalText() ([]byte, error) { return v.text, nil }

func (v readValue) String() string { return string(v.text) }

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
