// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// veil makes f's marshaler write to an encoder that shows of values what may be seen.
func (c *config) veil(f *zap.Field) {
	switch m := f.Interface.(type) {
	case zapcore.ObjectMarshaler:
		if f.Type != zapcore.ArrayMarshalerType {
			f.Interface = veiledObject{m, c}
			return
		}
		if a, ok := m.(zapcore.ArrayMarshaler); ok {
			f.Interface = veiledArray{a, c}
		}
	case zapcore.ArrayMarshaler:
		f.Interface = veiledArray{m, c}
	}
}

type veiledObject struct {
	zapcore.ObjectMarshaler
	cfg *config
}

func (v veiledObject) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	return v.ObjectMarshaler.MarshalLogObject(objectVeil{enc, v.cfg})
}

type veiledArray struct {
	zapcore.ArrayMarshaler
	cfg *config
}

func (v veiledArray) MarshalLogArray(enc zapcore.ArrayEncoder) error {
	return v.ArrayMarshaler.MarshalLogArray(arrayVeil{enc, v.cfg})
}

type objectVeil struct {
	zapcore.ObjectEncoder
	cfg *config
}

func (v objectVeil) AddObject(key string, m zapcore.ObjectMarshaler) error {
	return v.ObjectEncoder.AddObject(key, veiledObject{m, v.cfg})
}

func (v objectVeil) AddArray(key string, m zapcore.ArrayMarshaler) error {
	return v.ObjectEncoder.AddArray(key, veiledArray{m, v.cfg})
}

func (v objectVeil) AddReflected(key string, value any) error {
	return v.ObjectEncoder.AddReflected(key, v.cfg.show(value))
}

type arrayVeil struct {
	zapcore.ArrayEncoder
	cfg *config
}

func (v arrayVeil) AppendObject(m zapcore.ObjectMarshaler) error {
	return v.ArrayEncoder.AppendObject(veiledObject{m, v.cfg})
}

func (v arrayVeil) AppendArray(m zapcore.ArrayMarshaler) error {
	return v.ArrayEncoder.AppendArray(veiledArray{m, v.cfg})
}

func (v arrayVeil) AppendReflected(value any) error {
	return v.ArrayEncoder.AppendReflected(v.cfg.show(value))
}
