// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"bytes"
	"encoding/hex"
)

// TraceID is a trace's id, all zero for none.
type TraceID [16]byte

// SpanID is a span's id, all zero for none.
type SpanID [8]byte

// Valid reports whether t is not all zero.
func (t TraceID) Valid() bool { return t != TraceID{} }

// String returns t in lower-case hexadecimal.
func (t TraceID) String() string { return hex.EncodeToString(t[:]) }

// Valid reports whether s is not all zero.
func (s SpanID) Valid() bool { return s != SpanID{} }

// String returns s in lower-case hexadecimal.
func (s SpanID) String() string { return hex.EncodeToString(s[:]) }

// ParseTraceID reads what String returns. It returns false for anything else, and for an id that is all zero.
func ParseTraceID(s string) (t TraceID, ok bool) {
	if len(s) != hex.EncodedLen(len(t)) {
		return t, false
	}
	_, err := hex.Decode(t[:], []byte(s))
	return t, err == nil && t.Valid()
}

// ParseSpanID is ParseTraceID for the id of a span.
func ParseSpanID(s string) (id SpanID, ok bool) {
	if len(s) != hex.EncodedLen(len(id)) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil && id.Valid()
}

// SetID copies an id of the right length; anything else, or zeros, leaves dst zero.
func SetID(dst, src []byte) bool {
	clear(dst)
	if len(src) != len(dst) || bytes.Equal(dst, src) {
		return false
	}
	copy(dst, src)
	return true
}
