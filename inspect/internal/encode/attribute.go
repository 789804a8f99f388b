// SPDX-License-Identifier: Apache-2.0

package encode

import (
	"math"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of KeyValue, AnyValue, ArrayValue and KeyValueList, in
// opentelemetry/proto/common/v1/common.proto.
const (
	keyOfPair   = 1
	valueOfPair = 2

	stringValue = 1
	boolValue   = 2
	intValue    = 3
	doubleValue = 4
	arrayValue  = 5
	mapValue    = 6
	bytesValue  = 7

	elements = 1
)

// maxDepth bounds how deep values are followed. The inspector shows fewer levels, and refuses a
// record with more than a hundred.
const maxDepth = 40

func appendAttributes(b []byte, field protowire.Number, attrs []attribute.KeyValue) []byte {
	for i := range attrs {
		b = appendAttribute(b, field, attrs[i], 0)
	}
	return b
}

func appendAttribute(b []byte, field protowire.Number, kv attribute.KeyValue, depth int) []byte {
	return appendMessage(b, field, func(b []byte) []byte {
		b = appendString(b, keyOfPair, string(kv.Key))
		return appendMessage(b, valueOfPair, func(b []byte) []byte { return appendValue(b, kv.Value, depth) })
	})
}

// appendValue appends the fields of an AnyValue. A field of a oneof is written even if it holds a
// zero.
func appendValue(b []byte, v attribute.Value, depth int) []byte {
	if depth > maxDepth {
		return appendText(b, "…")
	}
	switch v.Type() {
	case attribute.EMPTY:
		return b
	case attribute.BOOL:
		return appendBool(b, v.AsBool())
	case attribute.INT64:
		return appendInt(b, v.AsInt64())
	case attribute.FLOAT64:
		return appendDouble(b, v.AsFloat64())
	case attribute.STRING:
		return appendText(b, v.AsString())
	case attribute.BYTESLICE:
		return appendBinary(b, v.AsByteSlice())
	case attribute.BOOLSLICE:
		return appendList(b, v.AsBoolSlice(), appendBool)
	case attribute.INT64SLICE:
		return appendList(b, v.AsInt64Slice(), appendInt)
	case attribute.FLOAT64SLICE:
		return appendList(b, v.AsFloat64Slice(), appendDouble)
	case attribute.STRINGSLICE:
		return appendList(b, v.AsStringSlice(), appendText)
	case attribute.SLICE:
		return appendList(b, v.AsSlice(), func(b []byte, e attribute.Value) []byte { return appendValue(b, e, depth+1) })
	case attribute.MAP:
		return appendMessage(b, mapValue, func(b []byte) []byte {
			for _, kv := range v.AsMap() {
				b = appendAttribute(b, elements, kv, depth+1)
			}
			return b
		})
	}
	return appendText(b, "INVALID") // as the SDK's exporter does for a type that it does not know
}

func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	return appendMessage(b, arrayValue, func(b []byte) []byte {
		for _, e := range list {
			b = appendMessage(b, elements, func(b []byte) []byte { return one(b, e) })
		}
		return b
	})
}

func appendBool(b []byte, v bool) []byte {
	b = protowire.AppendTag(b, boolValue, protowire.VarintType)
	return protowire.AppendVarint(b, protowire.EncodeBool(v))
}

func appendInt(b []byte, v int64) []byte {
	b = protowire.AppendTag(b, intValue, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(v))
}

func appendDouble(b []byte, v float64) []byte {
	b = protowire.AppendTag(b, doubleValue, protowire.Fixed64Type)
	return protowire.AppendFixed64(b, math.Float64bits(v))
}

func appendText(b []byte, v string) []byte {
	b = protowire.AppendTag(b, stringValue, protowire.BytesType)
	return protowire.AppendString(b, v)
}

func appendBinary(b, v []byte) []byte {
	b = protowire.AppendTag(b, bytesValue, protowire.BytesType)
	return protowire.AppendBytes(b, v)
}
