// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"context"
	"math"
	"net/url"
	"reflect"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/logging/redact"
)

// everyType has each method of zap's encoders called.
type everyType struct{}

func (everyType) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddBinary("binary", []byte{1, 2})
	enc.AddByteString("bytes", []byte("b"))
	enc.AddBool("bool", true)
	enc.AddComplex128("complex128", complex(1, -2))
	enc.AddComplex64("complex64", complex(1, -2))
	enc.AddDuration("duration", time.Minute)
	enc.AddFloat64("float64", math.Pi)
	enc.AddFloat32("float32", 1.5)
	enc.AddInt("int", -1)
	enc.AddInt64("int64", math.MinInt64)
	enc.AddInt32("int32", -3)
	enc.AddInt16("int16", -4)
	enc.AddInt8("int8", -5)
	enc.AddString("string", "s")
	enc.AddTime("time", time.Unix(5, 6))
	enc.AddTime("far", time.Unix(math.MaxInt32*1000, 0))
	enc.AddUint("uint", 1)
	enc.AddUint64("uint64", math.MaxUint64)
	enc.AddUint32("uint32", 3)
	enc.AddUint16("uint16", 4)
	enc.AddUint8("uint8", 5)
	enc.AddUintptr("uintptr", 6)
	if err := enc.AddArray("array", everyType{}); err != nil {
		return err
	}
	enc.OpenNamespace("deep")
	return enc.AddObject("object", zapcore.ObjectMarshalerFunc(func(enc zapcore.ObjectEncoder) error {
		return enc.AddReflected("reflected", struct{ A, B any }{1, "<x>"})
	}))
}

func (everyType) MarshalLogArray(enc zapcore.ArrayEncoder) error {
	enc.AppendBool(true)
	enc.AppendByteString([]byte("b"))
	enc.AppendComplex128(complex(1, -2))
	enc.AppendComplex64(complex(1, -2))
	enc.AppendDuration(time.Minute)
	enc.AppendFloat64(math.Pi)
	enc.AppendFloat32(1.5)
	enc.AppendInt(-1)
	enc.AppendInt64(math.MinInt64)
	enc.AppendInt32(-3)
	enc.AppendInt16(-4)
	enc.AppendInt8(-5)
	enc.AppendString("s")
	enc.AppendTime(time.Unix(5, 6))
	enc.AppendUint(1)
	enc.AppendUint64(math.MaxUint64)
	enc.AppendUint32(3)
	enc.AppendUint16(4)
	enc.AppendUint8(5)
	enc.AppendUintptr(6)
	if err := enc.AppendReflected(map[string]any{"b": 1, "a": []int{2}}); err != nil {
		return err
	}
	if err := enc.AppendReflected("text"); err != nil {
		return err
	}
	return enc.AppendObject(zapcore.ObjectMarshalerFunc(func(enc zapcore.ObjectEncoder) error {
		enc.AddString("k", "v")
		return nil
	}))
}

// However a value is kept, redacted or collected, it is printed as it would have
// been: no type of zap's may be lost on the way.
func TestEveryTypeIsPrintedAsItWouldHaveBeen(t *testing.T) {
	t.Parallel()
	fields := []zap.Field{
		zap.Object("object", everyType{}), zap.Array("array", everyType{}), zap.Inline(everyType{}),
	}
	for _, f := range fields {
		t.Run(f.Key, func(t *testing.T) {
			t.Parallel()
			var want, got sink
			zap.New(want.core(zap.InfoLevel)).Info("m", f)
			l := zap.New(got.core(zap.InfoLevel), logging.Correlate(
				logging.WithRedaction(redact.WithKeys("none of them")), logging.WithScheme(logging.Scheme{}), logging.WithFlightRecorder(zap.DebugLevel, 9)))
			l.Info("m", f)
			inRequest1(l, func(ctx context.Context, l *zap.Logger) {
				l.Debug("m", f)
				logging.Complete(ctx, logging.Outcome{Failed: true})
			})
			inRequest1(l, func(ctx context.Context, l *zap.Logger) {
				logging.AddTo(ctx, f)
				l.Info("m")
			})
			lines, plain := got.lines(t), want.lines(t)[0]
			for i, how := range []string{"redacted", "kept", "collected"} {
				delete(lines[i], "log_recorded")
				if lines[i]["level"] = "info"; !reflect.DeepEqual(lines[i], plain) {
					t.Errorf("%s: got\n%s\nwant\n%s", how, got.raw()[i], want.raw()[0])
				}
			}
		})
	}
}

func TestArraysAreRedactedInside(t *testing.T) {
	t.Parallel()
	var s sink
	l := zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithRedaction(redact.WithKeys("password"), redact.WithAllowed("page"))))
	l.Info("m", zap.Array("a", zapcore.ArrayMarshalerFunc(func(enc zapcore.ArrayEncoder) error {
		if err := enc.AppendReflected(url.Values{"page": {"1"}, "token": {secretText}}); err != nil {
			return err
		}
		return enc.AppendReflected(map[string]string{"password": secretText})
	})), zap.Object("password", everyType{}), zap.Dict("d", zap.Object("password", everyType{}), zap.Any("PASSWORD", 1)))
	want := `{"level":"info","msg":"m","a":[{"page":["1"]},{"password":"REDACTED"}],"password":"REDACTED","d":{"password":"REDACTED","PASSWORD":"REDACTED"}}`
	if got := s.raw(); len(got) != 1 || got[0] != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// FuzzRedaction holds that no JSON value gets a secret past the redaction, and
// that nothing else about it changes.
func FuzzRedaction(f *testing.F) {
	for _, s := range []string{`{}`, `[1,2.50,1e9,"x",null,true]`, `{"a":{"password":"p"},"password":[{"x":1}]}`, `{"Password":{"a":1},"b":"<"}`, `"password"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, ok := decoded(text)
		if !ok {
			t.Skip()
		}
		var s, plain sink
		zap.New(s.core(zap.InfoLevel), logging.Correlate(logging.WithRedaction(redact.WithKeys("password")))).Info("m", zap.Reflect("v", value))
		zap.New(plain.core(zap.InfoLevel)).Info("m", zap.Reflect("v", masked(value)))
		got, gotOK := decoded(s.raw()[0])
		want, wantOK := decoded(plain.raw()[0])
		if !gotOK || !wantOK || !reflect.DeepEqual(got, want) {
			t.Errorf("got  %s\nwant %s", s.raw(), plain.raw())
		}
	})
}
