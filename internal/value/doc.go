// SPDX-License-Identifier: Apache-2.0

// Package value holds the values of fields for later: copied, so that nothing can change them, or
// read, if they cannot be copied. It calls the methods of a value in bounded time. It does not
// decide what may be shown of a value: [Rules] do.
package value

import (
	"reflect"

	"go.uber.org/zap"
)

// Rules decide what may be shown of the values that are read.
type Rules interface {
	// Field redacts f.
	Field(f *zap.Field)
	// IsSecret reports whether the value under key must be redacted as a whole.
	IsSecret(key string) bool
	// Value returns what may be shown of v.
	Value(v any) any
	// MayHide reports whether Value may change values of type t.
	MayHide(t reflect.Type) bool
}

// EarlyRules are Rules that let a value through for now, because it is judged again when it is
// written. Of a value that cannot wait only JSON is left, in which headers can no longer be
// recognized: BeforeJSON removes those.
type EarlyRules interface {
	Rules
	BeforeJSON(v any) any
}
