// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"errors"
	"net/url"
	"reflect"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
)

// Freeze appends fields, with their values in a form that nothing can change: what waits in a
// recorder, or is written by another goroutine, must not look at memory that has changed since. A
// value is copied, without calling its methods, if that is possible. Otherwise it is read, in
// bounded time; if now is set, so is every value that has methods. Scalars are copied without an
// allocation. An error is assumed to be immutable.
//
// zap's own way, Core.With, is no substitute: it calls the methods of every value, even for a line
// that is never written, waits for a method that does not return, keeps a text of any size, and
// encodes a value before it is known which cores it goes to.
func Freeze(dst, fields []zap.Field, r Rules, now bool) []zap.Field {
	for i := range fields {
		f := &fields[i]
		switch f.Type {
		case zapcore.SkipType:
		case zapcore.NamespaceType:
			return append(dst, zap.Object(f.Key, object(Freeze(nil, fields[i+1:], r, now))))
		case zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType, zapcore.ArrayMarshalerType,
			zapcore.ReflectType, zapcore.StringerType, zapcore.BinaryType, zapcore.ByteStringType:
			if ContextOf(f) == nil {
				dst = freezeOne(dst, f, r, now)
			}
		case zapcore.StringType:
			if dst = append(dst, *f); len(f.String) > maxText {
				dst[len(dst)-1].String = cut(f.String)
			}
		default:
			dst = append(dst, *f)
		}
	}
	return dst
}

func freezeOne(dst []zap.Field, f *zap.Field, r Rules, now bool) []zap.Field {
	switch v := f.Interface.(type) {
	case nil:
		return append(dst, *f)
	case *url.URL: // not every core may show the query
		if v != nil {
			return append(dst, zap.Reflect(f.Key, *v))
		}
	case url.URL, filteredObject, filteredArray, object, array, Printed, JSON:
		return append(dst, *f)
	case []byte:
		copied := *f
		copied.Interface = bytes.Clone(v[:min(len(v), maxText)])
		return append(dst, copied)
	}
	t := reflect.TypeOf(f.Interface)
	switch {
	case f.Type != zapcore.ReflectType && IsDict(t):
		return append(dst, WithFields(f, Freeze(nil, FieldsIn(f), r, now)))
	case f.Type == zapcore.ArrayMarshalerType && t.Kind() == reflect.Slice && IsURL(t.Elem()):
		reflected := zap.Reflect(f.Key, reflect.ValueOf(f.Interface).Convert(reflect.SliceOf(t.Elem())).Interface())
		return freezeOne(dst, &reflected, r, now)
	}
	var copies copier
	v, err := copies.copied(f.Interface)
	switch {
	case errors.Is(err, ErrLarge):
		return append(dst, Failed(f, err))
	case err == nil && !(now && (copies.methods || marshals(f)) && !IsRaw(t)):
		copied := *f
		copied.Interface = v
		return append(dst, copied)
	}
	return append(dst, read(f, r, true))
}

func marshals(f *zap.Field) bool {
	return f.Type != zapcore.ReflectType && f.Type != zapcore.StringerType &&
		(f.Type == zapcore.InlineMarshalerType || reflect.TypeOf(f.Interface).PkgPath() != ZapPackage)
}

// Read returns f as its value writes itself, subject to r, in bounded time.
func Read(f *zap.Field, r Rules) zap.Field { return read(f, r, false) }

// read is Read; with show set, a reflected value is first replaced by what r shows of it.
func read(f *zap.Field, r Rules, show bool) zap.Field {
	if f.Type == zapcore.StringerType && PrintsRaw(reflect.TypeOf(f.Interface)) {
		return readRaw(f)
	}
	field := *f // one that does not return goes on reading it
	fields, err := text.Call(Asked(f), func() []zap.Field {
		enc := reader{rules: r}
		if show && field.Type == zapcore.ReflectType {
			field.Interface = r.Value(field.Interface)
		}
		field.AddTo(&enc)
		return enc.fields
	})
	switch {
	case err != nil:
		return Failed(f, err)
	case len(fields) == 1:
		return fields[0]
	}
	return zap.Inline(object(fields)) // fields that were inline, or that were read before it failed
}

// IsFrozen reports whether Freeze has nothing to do.
func IsFrozen(fields []zap.Field) bool {
	for i := range fields {
		switch fields[i].Type {
		case zapcore.StringType:
			if len(fields[i].String) > maxText {
				return false
			}
		case zapcore.SkipType, zapcore.NamespaceType, zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType,
			zapcore.ArrayMarshalerType, zapcore.ReflectType, zapcore.StringerType, zapcore.BinaryType, zapcore.ByteStringType:
			return false
		}
	}
	return true
}
