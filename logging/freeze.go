// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"bytes"
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// freeze appends fields, their values read now: what waits in a recorder, or is
// written by another goroutine, must not look at memory that has changed since.
// Scalars are copied without an allocation. An error is taken to be immutable.
func freeze(dst, fields []zap.Field) []zap.Field {
	for i := range fields {
		f := &fields[i]
		switch f.Type {
		case zapcore.SkipType:
		case zapcore.NamespaceType:
			return append(dst, zap.Object(f.Key, frozen(freeze(nil, fields[i+1:]))))
		case zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType, zapcore.ArrayMarshalerType,
			zapcore.ReflectType, zapcore.StringerType, zapcore.BinaryType, zapcore.ByteStringType:
			if contextOf(f) == nil {
				dst = freezeOne(dst, f)
			}
		default:
			dst = append(dst, *f)
		}
	}
	return dst
}

func freezeOne(dst []zap.Field, f *zap.Field) []zap.Field {
	switch u := f.Interface.(type) { // not every core may show the query
	case *url.URL:
		if u != nil {
			return append(dst, zap.Reflect(f.Key, *u))
		}
	case url.URL:
		return append(dst, *f)
	}
	c := capture{fields: dst}
	f.AddTo(&c)
	return c.fields
}

// isStill reports whether freeze has nothing to do.
func isStill(fields []zap.Field) bool {
	for i := range fields {
		switch fields[i].Type {
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
	v, err := still(value)
	if err == nil {
		c.add(zap.Reflect(key, v))
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

// still returns value if nothing can change it, else its JSON. Headers and the
// like are copied, for not every core may show them.
func still(value any) (any, error) {
	if values, ok := asValues(value); ok {
		return cloneValues(values), nil
	}
	switch reflect.ValueOf(value).Kind() {
	case reflect.Invalid, reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return value, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return jsonValue{string(bytes.TrimSpace(b.Bytes()))}, nil
}

// jsonValue is a value that was turned into JSON. It is a struct, and no
// json.RawMessage, for encoders that are not about JSON show that as numbers.
type jsonValue struct{ text string }

func (v jsonValue) MarshalJSON() ([]byte, error) { return []byte(v.text), nil }
func (v jsonValue) String() string               { return v.text }

func cloneValues(values map[string][]string) map[string][]string {
	clone := make(map[string][]string, len(values))
	for k, v := range values {
		clone[k] = slices.Clone(v)
	}
	return clone
}
