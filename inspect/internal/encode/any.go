// SPDX-License-Identifier: Apache-2.0

package encode

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
)

const (
	maxErrorText = 64 << 10
	maxTypeName  = 256
)

// appendAny appends the fields of an AnyValue for a value that a logger was given. A duration and a
// time become nanoseconds, as in the bridges of OpenTelemetry. Any other value that is not a scalar
// becomes its JSON, as lists and maps.
func appendAny(b []byte, v any, depth int) []byte {
	if depth > maxDepth {
		return appendText(b, "…")
	}
	switch v := v.(type) {
	case nil:
		return b
	case string:
		return appendText(b, v)
	case bool:
		return appendBool(b, v)
	case []byte:
		return appendBinary(b, v)
	case time.Duration:
		return appendInt(b, v.Nanoseconds())
	case time.Time:
		return appendInt(b, v.UnixNano())
	case json.Number:
		return appendNumber(b, v)
	case error:
		return appendText(b, text.Error(v, maxErrorText))
	case []any:
		return appendList(b, v, func(b []byte, e any) []byte { return appendAny(b, e, depth+1) })
	case map[string]any:
		return appendMap(b, v, depth)
	}
	return appendOther(b, v, depth)
}

func appendMap(b []byte, m map[string]any, depth int) []byte {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return appendMessage(b, mapValue, func(b []byte) []byte {
		for _, key := range keys {
			b = appendPair(b, elements, key, func(b []byte) []byte { return appendAny(b, m[key], depth+1) })
		}
		return b
	})
}

func appendOther(b []byte, v any, depth int) []byte {
	r := reflect.ValueOf(v)
	switch plain := r.NumMethod() == 0; {
	case plain && r.CanInt():
		return appendInt(b, r.Int())
	case plain && r.CanUint():
		return appendUint(b, r.Uint())
	case plain && r.CanFloat():
		return appendDouble(b, r.Float())
	case plain && r.CanComplex():
		c := r.Complex()
		return appendMap(b, map[string]any{"r": real(c), "i": imag(c)}, depth)
	}
	encoded, err := value.Encode(v)
	if err != nil {
		return appendText(b, fmt.Sprintf("!ERROR: %v", err))
	}
	d := json.NewDecoder(strings.NewReader(encoded.String()))
	d.UseNumber()
	var parsed any
	if d.Decode(&parsed) != nil {
		return appendText(b, encoded.String())
	}
	return appendAny(b, parsed, depth+1)
}

func appendUint(b []byte, v uint64) []byte {
	if v > math.MaxInt64 {
		return appendDouble(b, float64(v))
	}
	return appendInt(b, int64(v))
}

func appendNumber(b []byte, n json.Number) []byte {
	if i, err := n.Int64(); err == nil {
		return appendInt(b, i)
	}
	if f, err := n.Float64(); err == nil {
		return appendDouble(b, f)
	}
	return appendText(b, n.String())
}

// appendError appends the two attributes that the SDK makes of a record's error.
func appendError(b []byte, err error) []byte {
	b = appendPair(b, attrsOfLine, "exception.message", func(b []byte) []byte { return appendText(b, text.Error(err, maxErrorText)) })
	return appendPair(b, attrsOfLine, "exception.type", func(b []byte) []byte { return appendText(b, typeName(err)) })
}

var wrapped = reflect.TypeOf(fmt.Errorf("%w", fmt.Errorf("")))

// typeName returns the type of err. Like the SDK, it skips the wrappers that fmt.Errorf makes.
func typeName(err error) string {
	return text.Type(err, maxTypeName, func(err error) string {
		if named, ok := err.(interface{ ErrorType() string }); ok {
			return named.ErrorType()
		}
		for range maxDepth {
			inner, ok := err.(interface{ Unwrap() error })
			if !ok || reflect.TypeOf(err) != wrapped || inner.Unwrap() == nil {
				break
			}
			err = inner.Unwrap()
		}
		t := reflect.TypeOf(err)
		if t.PkgPath() != "" && t.Name() != "" {
			return t.PkgPath() + "." + t.Name()
		}
		return t.String()
	})
}
