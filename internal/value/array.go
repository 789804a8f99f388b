// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"time"

	"go.uber.org/zap/zapcore"
)

// array holds the elements of an array that have been read; as an encoder it reads them.
type array struct {
	list  []func(zapcore.ArrayEncoder) error
	rules Rules
}

func (e array) MarshalLogArray(enc zapcore.ArrayEncoder) error {
	for _, element := range e.list {
		if err := element(enc); err != nil {
			return err
		}
	}
	return nil
}

func (e *array) AppendObject(m zapcore.ObjectMarshaler) error {
	inner := reader{rules: e.rules}
	err := m.MarshalLogObject(&inner)
	e.list = append(e.list, func(enc zapcore.ArrayEncoder) error { return enc.AppendObject(object(inner.fields)) })
	return err
}

func (e *array) AppendArray(m zapcore.ArrayMarshaler) error {
	inner := array{rules: e.rules}
	err := m.MarshalLogArray(&inner)
	e.list = append(e.list, func(enc zapcore.ArrayEncoder) error { return enc.AppendArray(inner) })
	return err
}

func (e *array) AppendReflected(value any) error {
	v, err := freezeValue(e.rules.Value(value), e.rules)
	if err == nil {
		e.list = append(e.list, func(enc zapcore.ArrayEncoder) error { return enc.AppendReflected(v) })
	}
	return err
}

func keep[T any](e *array, v T, put func(zapcore.ArrayEncoder, T)) {
	e.list = append(e.list, func(enc zapcore.ArrayEncoder) error { put(enc, v); return nil })
}

func (e *array) AppendBool(v bool) { keep(e, v, zapcore.ArrayEncoder.AppendBool) }
func (e *array) AppendByteString(v []byte) {
	keep(e, bytes.Clone(v), zapcore.ArrayEncoder.AppendByteString)
}
func (e *array) AppendComplex128(v complex128)  { keep(e, v, zapcore.ArrayEncoder.AppendComplex128) }
func (e *array) AppendComplex64(v complex64)    { keep(e, v, zapcore.ArrayEncoder.AppendComplex64) }
func (e *array) AppendDuration(v time.Duration) { keep(e, v, zapcore.ArrayEncoder.AppendDuration) }
func (e *array) AppendFloat64(v float64)        { keep(e, v, zapcore.ArrayEncoder.AppendFloat64) }
func (e *array) AppendFloat32(v float32)        { keep(e, v, zapcore.ArrayEncoder.AppendFloat32) }
func (e *array) AppendInt(v int)                { keep(e, v, zapcore.ArrayEncoder.AppendInt) }
func (e *array) AppendInt64(v int64)            { keep(e, v, zapcore.ArrayEncoder.AppendInt64) }
func (e *array) AppendInt32(v int32)            { keep(e, v, zapcore.ArrayEncoder.AppendInt32) }
func (e *array) AppendInt16(v int16)            { keep(e, v, zapcore.ArrayEncoder.AppendInt16) }
func (e *array) AppendInt8(v int8)              { keep(e, v, zapcore.ArrayEncoder.AppendInt8) }
func (e *array) AppendString(v string)          { keep(e, v, zapcore.ArrayEncoder.AppendString) }
func (e *array) AppendTime(v time.Time)         { keep(e, v, zapcore.ArrayEncoder.AppendTime) }
func (e *array) AppendUint(v uint)              { keep(e, v, zapcore.ArrayEncoder.AppendUint) }
func (e *array) AppendUint64(v uint64)          { keep(e, v, zapcore.ArrayEncoder.AppendUint64) }
func (e *array) AppendUint32(v uint32)          { keep(e, v, zapcore.ArrayEncoder.AppendUint32) }
func (e *array) AppendUint16(v uint16)          { keep(e, v, zapcore.ArrayEncoder.AppendUint16) }
func (e *array) AppendUint8(v uint8)            { keep(e, v, zapcore.ArrayEncoder.AppendUint8) }
func (e *array) AppendUintptr(v uintptr)        { keep(e, v, zapcore.ArrayEncoder.AppendUintptr) }
