// SPDX-License-Identifier: Apache-2.0

// Package value holds the values of fields for later: copied, so that nothing can change
// them, or read, where a copy cannot be had. It calls the methods of a value in bounded
// time, and has no opinion on what may be seen of one: that is what [Rules] say.
package value

import (
	"reflect"

	"go.uber.org/zap"
)

// Rules say what may be seen of the values that are read.
type Rules interface {
	// Field takes from f what must not be seen.
	Field(f *zap.Field)
	// IsSecret reports whether the value under key must not be seen at all.
	IsSecret(key string) bool
	// Value returns what may be seen of v.
	Value(v any) any
	// MayHide reports whether Value may change values of type t.
	MayHide(t reflect.Type) bool
}

// EarlyRules are those that let a value through for now, since it will be judged again
// when it is written. Of one that cannot wait only JSON is left, which does not tell any
// more what are headers: BeforeJSON takes those out.
type EarlyRules interface {
	Rules
	BeforeJSON(v any) any
}
