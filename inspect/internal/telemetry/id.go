// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"bytes"
	"encoding/hex"
)

// TraceID is the id of a trace; all zeros means no trace.
type TraceID [16]byte

// SpanID is the id of a span; all zeros means no span.
type SpanID [8]byte

// Valid reports whether t is not all zeros.
func (t TraceID) Valid() bool { return t != TraceID{} }

// String returns t in lower-case hexadecimal.
func (t TraceID) String() string { return hex.EncodeToString(t[:]) }

// Valid reports whether s is not all zeros.
func (s SpanID) Valid() bool { return s != SpanID{} }

// String returns s in lower-case hexadecimal.
func (s SpanID) String() string { return hex.EncodeToString(s[:]) }

// ParseTraceID parses what String returns. It returns false for anything else, and for an id of all
// zeros.
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
