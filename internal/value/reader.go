// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
)

// reader is an encoder that keeps what it is given as fields, in order.
type reader struct {
	fields []zap.Field
	rules  Rules
}

func (e *reader) add(f zap.Field) {
	e.rules.Field(&f)
	e.fields = append(e.fields, f)
}

// keep is add for fields to which the rules were applied already.
func (e *reader) keep(f zap.Field) {
	if e.rules.IsSecret(f.Key) {
		f = zap.String(f.Key, text.Redacted)
	}
	e.fields = append(e.fields, f)
}

func (e *reader) AddObject(key string, m zapcore.ObjectMarshaler) error {
	inner := reader{rules: e.rules}
	err := m.MarshalLogObject(&inner)
	e.keep(zap.Object(key, object(inner.fields)))
	return err
}

func (e *reader) AddArray(key string, m zapcore.ArrayMarshaler) error {
	inner := array{rules: e.rules}
	err := m.MarshalLogArray(&inner)
	e.keep(zap.Array(key, inner))
	return err
}

func (e *reader) AddReflected(key string, value any) error {
	v, err := freezeValue(e.rules.Value(value), e.rules)
	if err == nil {
		e.keep(zap.Reflect(key, v))
	}
	return err
}

func (e *reader) AddBinary(k string, v []byte)          { e.add(zap.Binary(k, bytes.Clone(v))) }
func (e *reader) AddByteString(k string, v []byte)      { e.add(zap.ByteString(k, bytes.Clone(v))) }
func (e *reader) AddBool(k string, v bool)              { e.add(zap.Bool(k, v)) }
func (e *reader) AddComplex128(k string, v complex128)  { e.add(zap.Complex128(k, v)) }
func (e *reader) AddComplex64(k string, v complex64)    { e.add(zap.Complex64(k, v)) }
func (e *reader) AddDuration(k string, v time.Duration) { e.add(zap.Duration(k, v)) }
func (e *reader) AddFloat64(k string, v float64)        { e.add(zap.Float64(k, v)) }
func (e *reader) AddFloat32(k string, v float32)        { e.add(zap.Float32(k, v)) }
func (e *reader) AddInt(k string, v int)                { e.add(zap.Int(k, v)) }
func (e *reader) AddInt64(k string, v int64)            { e.add(zap.Int64(k, v)) }
func (e *reader) AddInt32(k string, v int32)            { e.add(zap.Int32(k, v)) }
func (e *reader) AddInt16(k string, v int16)            { e.add(zap.Int16(k, v)) }
func (e *reader) AddInt8(k string, v int8)              { e.add(zap.Int8(k, v)) }
func (e *reader) AddString(k, v string)                 { e.add(zap.String(k, v)) }
func (e *reader) AddTime(k string, v time.Time)         { e.add(zap.Time(k, v)) }
func (e *reader) AddUint(k string, v uint)              { e.add(zap.Uint(k, v)) }
func (e *reader) AddUint64(k string, v uint64)          { e.add(zap.Uint64(k, v)) }
func (e *reader) AddUint32(k string, v uint32)          { e.add(zap.Uint32(k, v)) }
func (e *reader) AddUint16(k string, v uint16)          { e.add(zap.Uint16(k, v)) }
func (e *reader) AddUint8(k string, v uint8)            { e.add(zap.Uint8(k, v)) }
func (e *reader) AddUintptr(k string, v uintptr)        { e.add(zap.Uintptr(k, v)) }
func (e *reader) OpenNamespace(k string)                { e.add(zap.Namespace(k)) }
