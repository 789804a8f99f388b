// SPDX-License-Identifier: Apache-2.0

package value

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Filter makes f's marshaler write to an encoder that shows only what r allows of reflected values.
// The marshaler is called when it would have been.
func Filter(f *zap.Field, r Rules) {
	switch m := f.Interface.(type) {
	case zapcore.ObjectMarshaler:
		if f.Type != zapcore.ArrayMarshalerType {
			f.Interface = filteredObject{m, r}
			return
		}
		if a, ok := m.(zapcore.ArrayMarshaler); ok {
			f.Interface = filteredArray{a, r}
		}
	case zapcore.ArrayMarshaler:
		f.Interface = filteredArray{m, r}
	}
}

type filteredObject struct {
	zapcore.ObjectMarshaler
	rules Rules
}

func (v filteredObject) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	return v.ObjectMarshaler.MarshalLogObject(objectFilter{enc, v.rules})
}

type filteredArray struct {
	zapcore.ArrayMarshaler
	rules Rules
}

func (v filteredArray) MarshalLogArray(enc zapcore.ArrayEncoder) error {
	return v.ArrayMarshaler.MarshalLogArray(arrayFilter{enc, v.rules})
}

type objectFilter struct {
	zapcore.ObjectEncoder
	rules Rules
}

func (v objectFilter) AddObject(key string, m zapcore.ObjectMarshaler) error {
	return v.ObjectEncoder.AddObject(key, filteredObject{m, v.rules})
}

func (v objectFilter) AddArray(key string, m zapcore.ArrayMarshaler) error {
	return v.ObjectEncoder.AddArray(key, filteredArray{m, v.rules})
}

func (v objectFilter) AddReflected(key string, value any) error {
	return v.ObjectEncoder.AddReflected(key, v.rules.Value(value))
}

type arrayFilter struct {
	zapcore.ArrayEncoder
	rules Rules
}

func (v arrayFilter) AppendObject(m zapcore.ObjectMarshaler) error {
	return v.ArrayEncoder.AppendObject(filteredObject{m, v.rules})
}

func (v arrayFilter) AppendArray(m zapcore.ArrayMarshaler) error {
	return v.ArrayEncoder.AppendArray(filteredArray{m, v.rules})
}

func (v arrayFilter) AppendReflected(value any) error {
	return v.ArrayEncoder.AppendReflected(v.rules.Value(value))
}
