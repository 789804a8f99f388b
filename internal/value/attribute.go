// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
)

// AppendAttributes appends f as OpenTelemetry has it: scalars and lists of scalars of one type
// as they are, objects as maps. A duration is in seconds, as the conventions have it, a time is
// text by RFC 3339, and what has no counterpart is its JSON. One that cannot be asked what it
// is becomes what zap makes of it, a text under the key with Error behind it.
func AppendAttributes(dst []attribute.KeyValue, f *zap.Field) []attribute.KeyValue {
	key := keyOf(f.Key)
	switch f.Type {
	case zapcore.SkipType:
		return dst
	case zapcore.StringType:
		return append(dst, key.String(text.Valid(f.String, len(f.String))))
	case zapcore.BoolType:
		return append(dst, key.Bool(f.Integer == 1))
	case zapcore.Int64Type, zapcore.Int32Type, zapcore.Int16Type, zapcore.Int8Type,
		zapcore.Uint32Type, zapcore.Uint16Type, zapcore.Uint8Type:
		return append(dst, key.Int64(f.Integer))
	case zapcore.Float64Type:
		return append(dst, key.Float64(math.Float64frombits(uint64(f.Integer))))
	case zapcore.DurationType:
		return append(dst, key.Float64(time.Duration(f.Integer).Seconds()))
	case zapcore.ErrorType:
		if err, ok := f.Interface.(error); ok {
			return append(dst, key.String(text.Error(err, maxText)))
		}
	}
	field := *f // one that does not return goes on reading it
	all, err := text.Call(Asked(f), func() []attribute.KeyValue {
		enc := zapcore.NewMapObjectEncoder()
		field.AddTo(enc)
		return members(nil, enc.Fields, 0)
	})
	if err != nil {
		failed := Failed(f, err)
		return AppendAttributes(dst, &failed)
	}
	return append(dst, all...)
}

// keyOf returns a key that any exporter takes.
func keyOf(key string) attribute.Key { return attribute.Key(text.Valid(key, len(key))) }

func members(dst []attribute.KeyValue, m map[string]any, depth int) []attribute.KeyValue {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		dst = append(dst, attribute.KeyValue{Key: keyOf(key), Value: attributeOf(m[key], depth)})
	}
	return dst
}

// attributeOf returns v, which an encoder of zap's was given, or which JSON was read as.
func attributeOf(v any, depth int) attribute.Value {
	switch v := v.(type) {
	case nil:
		return attribute.Value{}
	case string:
		return attribute.StringValue(text.Valid(v, len(v)))
	case bool:
		return attribute.BoolValue(v)
	case int, int64, int32, int16, int8, uint, uint64, uint32, uint16, uint8, uintptr:
		return numberOf(json.Number(text.Of(v, 24)))
	case float64:
		return attribute.Float64Value(v)
	case float32:
		return attribute.Float64Value(float64(v))
	case json.Number:
		return numberOf(v)
	case time.Duration:
		return attribute.Float64Value(v.Seconds())
	case time.Time:
		return attribute.StringValue(v.Format(time.RFC3339Nano))
	case []byte:
		return attribute.ByteSliceValue(v)
	case complex128, complex64:
		return attribute.StringValue(text.Of(v, maxPanic))
	case []any:
		return listOf(v, depth+1)
	case map[string]any:
		return attribute.MapValue(members(nil, v, depth+1)...)
	}
	return reflected(v, depth)
}

// numberOf returns n as an integer if it is one that fits, else as a floating-point number.
func numberOf(n json.Number) attribute.Value {
	if i, err := n.Int64(); err == nil {
		return attribute.Int64Value(i)
	}
	if f, err := n.Float64(); err == nil && strings.ContainsAny(n.String(), ".eE") {
		return attribute.Float64Value(f)
	}
	return attribute.StringValue(n.String()) // more than an int64 holds
}

// reflected returns v as JSON shows it.
func reflected(v any, depth int) attribute.Value {
	raw, err := Encode(v)
	if err != nil {
		return attribute.StringValue("!ERROR: " + err.Error())
	}
	dec := json.NewDecoder(strings.NewReader(raw.text))
	dec.UseNumber()
	var read any
	if dec.Decode(&read) != nil || depth > text.MaxDepth {
		return attribute.StringValue(raw.text)
	}
	return attributeOf(read, depth+1)
}

// listOf returns list, as a list of one type where it is one.
func listOf(list []any, depth int) attribute.Value {
	values := make([]attribute.Value, len(list))
	same := len(list) > 0
	for i := range list {
		values[i] = attributeOf(list[i], depth)
		same = same && values[i].Type() == values[0].Type()
	}
	if same {
		switch values[0].Type() {
		case attribute.STRING:
			return attribute.StringSliceValue(each(values, attribute.Value.AsString))
		case attribute.BOOL:
			return attribute.BoolSliceValue(each(values, attribute.Value.AsBool))
		case attribute.INT64:
			return attribute.Int64SliceValue(each(values, attribute.Value.AsInt64))
		case attribute.FLOAT64:
			return attribute.Float64SliceValue(each(values, attribute.Value.AsFloat64))
		}
	}
	return attribute.SliceValue(values...)
}

func each[T any](values []attribute.Value, as func(attribute.Value) T) []T {
	all := make([]T, len(values))
	for i, v := range values {
		all[i] = as(v)
	}
	return all
}
