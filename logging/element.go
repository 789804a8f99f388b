// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"bytes"
	"time"

	"go.uber.org/zap/zapcore"
)

// elements is an array whose elements have been read; as an encoder it reads them.
type elements struct {
	list []func(zapcore.ArrayEncoder) error
	cfg  *config // redacts them; nil: nothing
}

func (e elements) MarshalLogArray(enc zapcore.ArrayEncoder) error {
	for _, element := range e.list {
		if err := element(enc); err != nil {
			return err
		}
	}
	return nil
}

func (e *elements) AppendObject(m zapcore.ObjectMarshaler) error {
	inner := capture{cfg: e.cfg}
	err := m.MarshalLogObject(&inner)
	e.list = append(e.list, func(enc zapcore.ArrayEncoder) error { return enc.AppendObject(frozen(inner.fields)) })
	return err
}

func (e *elements) AppendArray(m zapcore.ArrayMarshaler) error {
	inner := elements{cfg: e.cfg}
	err := m.MarshalLogArray(&inner)
	e.list = append(e.list, func(enc zapcore.ArrayEncoder) error { return enc.AppendArray(inner) })
	return err
}

func (e *elements) AppendReflected(value any) error {
	v, err := still(e.cfg.show(value), e.cfg)
	if err == nil {
		e.list = append(e.list, func(enc zapcore.ArrayEncoder) error { return enc.AppendReflected(v) })
	}
	return err
}

func keep[T any](e *elements, v T, put func(zapcore.ArrayEncoder, T)) {
	e.list = append(e.list, func(enc zapcore.ArrayEncoder) error { put(enc, v); return nil })
}

func (e *elements) AppendBool(v bool) { keep(e, v, zapcore.ArrayEncoder.AppendBool) }
func (e *elements) AppendByteString(v []byte) {
	keep(e, bytes.Clone(v), zapcore.ArrayEncoder.AppendByteString)
}
func (e *elements) AppendComplex128(v complex128)  { keep(e, v, zapcore.ArrayEncoder.AppendComplex128) }
func (e *elements) AppendComplex64(v complex64)    { keep(e, v, zapcore.ArrayEncoder.AppendComplex64) }
func (e *elements) AppendDuration(v time.Duration) { keep(e, v, zapcore.ArrayEncoder.AppendDuration) }
func (e *elements) AppendFloat64(v float64)        { keep(e, v, zapcore.ArrayEncoder.AppendFloat64) }
func (e *elements) AppendFloat32(v float32)        { keep(e, v, zapcore.ArrayEncoder.AppendFloat32) }
func (e *elements) AppendInt(v int)                { keep(e, v, zapcore.ArrayEncoder.AppendInt) }
func (e *elements) AppendInt64(v int64)            { keep(e, v, zapcore.ArrayEncoder.AppendInt64) }
func (e *elements) AppendInt32(v int32)            { keep(e, v, zapcore.ArrayEncoder.AppendInt32) }
func (e *elements) AppendInt16(v int16)            { keep(e, v, zapcore.ArrayEncoder.AppendInt16) }
func (e *elements) AppendInt8(v int8)              { keep(e, v, zapcore.ArrayEncoder.AppendInt8) }
func (e *elements) AppendString(v string)          { keep(e, v, zapcore.ArrayEncoder.AppendString) }
func (e *elements) AppendTime(v time.Time)         { keep(e, v, zapcore.ArrayEncoder.AppendTime) }
func (e *elements) AppendUint(v uint)              { keep(e, v, zapcore.ArrayEncoder.AppendUint) }
func (e *elements) AppendUint64(v uint64)          { keep(e, v, zapcore.ArrayEncoder.AppendUint64) }
func (e *elements) AppendUint32(v uint32)          { keep(e, v, zapcore.ArrayEncoder.AppendUint32) }
func (e *elements) AppendUint16(v uint16)          { keep(e, v, zapcore.ArrayEncoder.AppendUint16) }
func (e *elements) AppendUint8(v uint8)            { keep(e, v, zapcore.ArrayEncoder.AppendUint8) }
func (e *elements) AppendUintptr(v uintptr)        { keep(e, v, zapcore.ArrayEncoder.AppendUintptr) }
