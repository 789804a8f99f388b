// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
)

// DefaultMaxBytes is the maximum length of an encoded value if its Codec sets no other. Headers are
// sent with every message, and brokers bound them.
const DefaultMaxBytes = 1024

// Codec turns the values of a Storage into text and back. Both functions must be safe for
// concurrent use. If Encode returns an error, the value does not travel; if Decode does, the job
// runs without it. A panic passes through.
//
// Decode reads data that any sender may have put into the queue: it should refuse what Encode would
// not have written.
type Codec[T any] struct {
	Encode func(T) ([]byte, error)
	Decode func([]byte) (T, error)
	// MaxBytes bounds the value as encoded in the header, in bytes. A longer value does not travel,
	// and is not read. 0 means DefaultMaxBytes.
	MaxBytes int
}

// JSON returns a Codec that uses encoding/json.
func JSON[T any]() Codec[T] {
	return Codec[T]{
		Encode: func(v T) ([]byte, error) { return json.Marshal(v) },
		Decode: func(b []byte) (v T, err error) {
			err = json.Unmarshal(b, &v)
			return v, err
		},
	}
}

// Text returns a Codec for strings and types like them.
func Text[T ~string]() Codec[T] {
	return Codec[T]{
		Encode: func(v T) ([]byte, error) { return []byte(v), nil },
		Decode: func(b []byte) (T, error) { return T(b), nil },
	}
}

// MarshalText returns a Codec for types that marshal themselves to text, such as netip.Addr and
// time.Time. P is inferred: MarshalText[netip.Addr]().
func MarshalText[T encoding.TextMarshaler, P interface {
	*T
	encoding.TextUnmarshaler
}]() Codec[T] {
	return Codec[T]{
		Encode: func(v T) ([]byte, error) { return v.MarshalText() },
		Decode: func(b []byte) (v T, err error) {
			err = P(&v).UnmarshalText(b)
			return v, err
		},
	}
}

// Binary returns a Codec for types that marshal themselves to binary. It travels as base64, because
// headers are text. P is inferred.
func Binary[T encoding.BinaryMarshaler, P interface {
	*T
	encoding.BinaryUnmarshaler
}]() Codec[T] {
	return Codec[T]{
		Encode: func(v T) ([]byte, error) {
			b, err := v.MarshalBinary()
			if err != nil {
				return nil, err
			}
			return base64.RawURLEncoding.AppendEncode(nil, b), nil
		},
		Decode: func(b []byte) (v T, err error) {
			b, err = base64.RawURLEncoding.AppendDecode(nil, b)
			if err == nil {
				err = P(&v).UnmarshalBinary(b)
			}
			return v, err
		},
	}
}
