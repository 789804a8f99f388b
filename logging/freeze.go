// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
)

// freeze appends fields, their values as nothing can change them: what waits in a
// recorder, or is written by another goroutine, must not look at memory that has
// changed since. A value is copied, and its methods are not called, where that can be;
// else, and of all that have methods if now is set, it is read, in bounded time.
// Scalars are copied without an allocation. An error is taken to be immutable.
func (c *config) freeze(dst, fields []zap.Field, now bool) []zap.Field {
	for i := range fields {
		f := &fields[i]
		switch f.Type {
		case zapcore.SkipType:
		case zapcore.NamespaceType:
			return append(dst, zap.Object(f.Key, frozen(c.freeze(nil, fields[i+1:], now))))
		case zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType, zapcore.ArrayMarshalerType,
			zapcore.ReflectType, zapcore.StringerType, zapcore.BinaryType, zapcore.ByteStringType:
			if contextOf(f) == nil {
				dst = c.freezeOne(dst, f, now)
			}
		case zapcore.StringType:
			if dst = append(dst, *f); len(f.String) > maxKeptText {
				dst[len(dst)-1].String = cutText(f.String)
			}
		default:
			dst = append(dst, *f)
		}
	}
	return dst
}

func (c *config) freezeOne(dst []zap.Field, f *zap.Field, now bool) []zap.Field {
	switch v := f.Interface.(type) {
	case nil:
		return append(dst, *f)
	case *url.URL: // not every core may show the query
		if v != nil {
			return append(dst, zap.Reflect(f.Key, *v))
		}
	case url.URL, veiledObject, veiledArray, frozen, elements, readValue, jsonValue:
		return append(dst, *f)
	case []byte:
		copied := *f
		copied.Interface = bytes.Clone(v[:min(len(v), maxKeptText)])
		return append(dst, copied)
	}
	t := reflect.TypeOf(f.Interface)
	switch {
	case f.Type != zapcore.ReflectType && isDict(t):
		return append(dst, dict(f, c.freeze(nil, fieldsIn(f), now)))
	case f.Type == zapcore.ArrayMarshalerType && t.Kind() == reflect.Slice && isURL(t.Elem()):
		reflected := zap.Reflect(f.Key, reflect.ValueOf(f.Interface).Convert(reflect.SliceOf(t.Elem())).Interface())
		return c.freezeOne(dst, &reflected, now)
	}
	var copies copier
	v, err := copies.copied(f.Interface)
	switch {
	case errors.Is(err, errLarge):
		return append(dst, failed(f, err))
	case err == nil && !(now && (copies.methods || marshals(f)) && !isRaw(t)):
		copied := *f
		copied.Interface = v
		return append(dst, copied)
	}
	return append(dst, written(f, c, true))
}

func marshals(f *zap.Field) bool {
	return f.Type != zapcore.ReflectType && f.Type != zapcore.StringerType &&
		(f.Type == zapcore.InlineMarshalerType || reflect.TypeOf(f.Interface).PkgPath() != zapPackage)
}

// written returns f as its value writes itself, redacted for c where that is not nil,
// in bounded time.
func written(f *zap.Field, c *config, still bool) zap.Field {
	if f.Type == zapcore.StringerType && printsRaw(reflect.TypeOf(f.Interface)) {
		return readRaw(f)
	}
	field := *f // one that does not return goes on reading it
	fields, err := text.Call(asked(f), func() []zap.Field {
		enc := capture{cfg: c}
		if still && field.Type == zapcore.ReflectType {
			field.Interface = c.show(field.Interface)
		}
		field.AddTo(&enc)
		return enc.fields
	})
	switch {
	case err != nil:
		return failed(f, err)
	case len(fields) == 1:
		return fields[0]
	}
	return zap.Inline(frozen(fields)) // what was inline, or failed halfway
}

// isStill reports whether freeze has nothing to do.
func isStill(fields []zap.Field) bool {
	for i := range fields {
		switch fields[i].Type {
		case zapcore.StringType:
			if len(fields[i].String) > maxKeptText {
				return false
			}
		case zapcore.SkipType, zapcore.NamespaceType, zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType,
			zapcore.ArrayMarshalerType, zapcore.ReflectType, zapcore.StringerType, zapcore.BinaryType, zapcore.ByteStringType:
			return false
		}
	}
	return true
}

// frozen is an object whose fields have been read.
type frozen []zap.Field

func (o frozen) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	for i := range o {
		o[i].AddTo(enc)
	}
	return nil
}

// capture is an encoder that keeps what it is told as fields, in order.
type capture struct {
	fields []zap.Field
	cfg    *config // redacts them; nil: nothing
}

func (c *capture) add(f zap.Field) {
	if c.cfg != nil {
		c.cfg.redact(&f)
	}
	c.fields = append(c.fields, f)
}

// keep is add for what is redacted inside already.
func (c *capture) keep(f zap.Field) {
	if c.cfg != nil && c.cfg.isSecret(f.Key) {
		f = zap.String(f.Key, redacted)
	}
	c.fields = append(c.fields, f)
}

func (c *capture) AddObject(key string, m zapcore.ObjectMarshaler) error {
	inner := capture{cfg: c.cfg}
	err := m.MarshalLogObject(&inner)
	c.keep(zap.Object(key, frozen(inner.fields)))
	return err
}

func (c *capture) AddArray(key string, m zapcore.ArrayMarshaler) error {
	inner := elements{cfg: c.cfg}
	err := m.MarshalLogArray(&inner)
	c.keep(zap.Array(key, inner))
	return err
}

func (c *capture) AddReflected(key string, value any) error {
	v, err := still(c.cfg.show(value), c.cfg)
	if err == nil {
		c.keep(zap.Reflect(key, v))
	}
	return err
}

func (c *capture) AddBinary(k string, v []byte)          { c.add(zap.Binary(k, bytes.Clone(v))) }
func (c *capture) AddByteString(k string, v []byte)      { c.add(zap.ByteString(k, bytes.Clone(v))) }
func (c *capture) AddBool(k string, v bool)              { c.add(zap.Bool(k, v)) }
func (c *capture) AddComplex128(k string, v complex128)  { c.add(zap.Complex128(k, v)) }
func (c *capture) AddComplex64(k string, v complex64)    { c.add(zap.Complex64(k, v)) }
func (c *capture) AddDuration(k string, v time.Duration) { c.add(zap.Duration(k, v)) }
func (c *capture) AddFloat64(k string, v float64)        { c.add(zap.Float64(k, v)) }
func (c *capture) AddFloat32(k string, v float32)        { c.add(zap.Float32(k, v)) }
func (c *capture) AddInt(k string, v int)                { c.add(zap.Int(k, v)) }
func (c *capture) AddInt64(k string, v int64)            { c.add(zap.Int64(k, v)) }
func (c *capture) AddInt32(k string, v int32)            { c.add(zap.Int32(k, v)) }
func (c *capture) AddInt16(k string, v int16)            { c.add(zap.Int16(k, v)) }
func (c *capture) AddInt8(k string, v int8)              { c.add(zap.Int8(k, v)) }
func (c *capture) AddString(k, v string)                 { c.add(zap.String(k, v)) }
func (c *capture) AddTime(k string, v time.Time)         { c.add(zap.Time(k, v)) }
func (c *capture) AddUint(k string, v uint)              { c.add(zap.Uint(k, v)) }
func (c *capture) AddUint64(k string, v uint64)          { c.add(zap.Uint64(k, v)) }
func (c *capture) AddUint32(k string, v uint32)          { c.add(zap.Uint32(k, v)) }
func (c *capture) AddUint16(k string, v uint16)          { c.add(zap.Uint16(k, v)) }
func (c *capture) AddUint8(k string, v uint8)            { c.add(zap.Uint8(k, v)) }
func (c *capture) AddUintptr(k string, v uintptr)        { c.add(zap.Uintptr(k, v)) }
func (c *capture) OpenNamespace(k string)                { c.add(zap.Namespace(k)) }

// still returns value as nothing can change it any more: a copy, or what it says of
// itself.
func still(value any, c *config) (any, error) {
	switch u := value.(type) {
	case nil, jsonValue, readValue, object, url.URL:
		return value, nil
	case *url.URL:
		if u != nil {
			return *u, nil
		}
	}
	v, err := new(copier).copied(value)
	if err == nil || errors.Is(err, errLarge) {
		return v, err
	}
	if c == nil {
		value = strict.show(value) // as JSON it does not say any more what are headers
	}
	read, err := encode(value)
	if err != nil {
		return nil, err
	}
	return readValue{read, []byte(textOf(value, read.text))}, nil
}

// strict shows no headers at all.
var strict = new(config)

// textOf is how a text handler shows value, which cannot be copied: by what it says
// itself, else as instead, for package fmt would print what is not exported.
func textOf(value any, instead string) string {
	s, err := text.Call(value, func() string {
		if m, ok := value.(encoding.TextMarshaler); ok {
			if t, err := m.MarshalText(); err == nil {
				return string(t)
			}
		}
		if isPrintedByFmt(reflect.TypeOf(value)) {
			return fmt.Sprintf("%+v", value)
		}
		return instead
	})
	if err != nil {
		return instead
	}
	return s
}

// jsonValue is a value that was turned into JSON. It is a struct, and no
// json.RawMessage, for encoders that are not about JSON show that as numbers.
type jsonValue struct{ text string }

func (v jsonValue) MarshalJSON() ([]byte, error) { return []byte(v.text), nil }
func (v jsonValue) String() string               { return v.text }
