// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/base64"
	"math"
	"strconv"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

const (
	maxValueDepth = 32      // of arrays and maps inside a value
	maxExactInt   = 1 << 53 // beyond it, a JSON reader that uses doubles reads another number
)

// attributes is the JSON form of an attribute list: an object, its keys sorted by encoding/json.
type attributes map[string]any

// quota is how much of one record may be shown: max bytes of each string, and maxText of all of
// them.
type quota struct{ max, left int }

const (
	maxString = 1 << 20
	maxText   = 4 << 20
)

// newQuota returns a quota for a record. With a limit of 0 the caller sets no limit.
func newQuota(limit int) *quota {
	if limit <= 0 || limit > maxString {
		limit = maxString
	}
	return &quota{max: limit, left: maxText}
}

// cut shortens a string and says so in the string, so that a script that asked for a limit sees it
// too.
func (q *quota) cut(s string) string {
	n := min(q.max, q.left)
	if len(s) <= n {
		q.left -= len(s)
		return s
	}
	q.left -= n
	return telemetry.Clip(s, n) + "… (" + strconv.Itoa(len(s)) + " bytes in all)"
}

// attributesOf converts an attribute list. If a key is there twice, which OTLP forbids, the last
// one wins.
func attributesOf(kvs []*commonv1.KeyValue, q *quota) attributes {
	if len(kvs) == 0 {
		return nil
	}
	out := make(attributes, len(kvs))
	for _, kv := range kvs {
		out[q.cut(kv.GetKey())] = valueOf(kv.GetValue(), q, 0)
	}
	return out
}

func valueOf(v *commonv1.AnyValue, q *quota, depth int) any {
	if depth > maxValueDepth {
		return "… nested deeper than the inspector shows"
	}
	switch v := v.GetValue().(type) {
	case *commonv1.AnyValue_StringValue:
		return q.cut(v.StringValue)
	case *commonv1.AnyValue_BoolValue:
		return v.BoolValue
	case *commonv1.AnyValue_IntValue:
		if v.IntValue > maxExactInt || v.IntValue < -maxExactInt {
			return strconv.FormatInt(v.IntValue, 10)
		}
		return v.IntValue
	case *commonv1.AnyValue_DoubleValue:
		if math.IsNaN(v.DoubleValue) || math.IsInf(v.DoubleValue, 0) {
			return strconv.FormatFloat(v.DoubleValue, 'g', -1, 64)
		}
		return v.DoubleValue
	case *commonv1.AnyValue_BytesValue:
		return q.cut(base64.StdEncoding.EncodeToString(v.BytesValue))
	case *commonv1.AnyValue_ArrayValue:
		list := make([]any, 0, len(v.ArrayValue.GetValues()))
		for _, e := range v.ArrayValue.GetValues() {
			list = append(list, valueOf(e, q, depth+1))
		}
		return list
	case *commonv1.AnyValue_KvlistValue:
		m := make(map[string]any, len(v.KvlistValue.GetValues()))
		for _, kv := range v.KvlistValue.GetValues() {
			m[q.cut(kv.GetKey())] = valueOf(kv.GetValue(), q, depth+1)
		}
		return m
	}
	return nil
}

func stringOf(attrs []*commonv1.KeyValue, key string) string {
	for _, kv := range attrs {
		if kv.GetKey() == key {
			return kv.GetValue().GetStringValue()
		}
	}
	return ""
}
