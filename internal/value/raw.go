// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"reflect"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// From Go 1.27 on, json.RawMessage, and every type that embeds it, has a String method, which
// prints the JSON: zap and package fmt take it for a value that decides what to show of itself. It
// does not, so its content is inspected as before.

var (
	rawType     = reflect.TypeFor[json.RawMessage]()
	printedType = reflect.TypeFor[Printed]()
)

// IsRaw reports whether t is json.RawMessage, or a pointer to it.
func IsRaw(t reflect.Type) bool {
	return t == rawType || t.Kind() == reflect.Pointer && t.Elem() == rawType
}

// PrintsRaw reports whether the String method of values of t may be that of a json.RawMessage.
func PrintsRaw(t reflect.Type) bool { return t.Implements(stringerType) && hasRaw(t, 0) }

func hasRaw(t reflect.Type, depth int) bool {
	const deepest = 8 // embedded types may contain each other
	if IsRaw(t) || depth > deepest {
		return t != nil && IsRaw(t)
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && hasRaw(f.Type, depth+1) {
			return true
		}
	}
	return false
}

// readRaw is read for f, whose value prints as JSON: the JSON stays JSON, so that it can be
// inspected later.
func readRaw(f *zap.Field) zap.Field {
	read, _ := Encode(f.Interface) // what fails is not shown where secrets are looked for
	return zap.Stringer(f.Key, Printed{read, []byte(PrintedText(f.Interface))})
}

// AsJSON makes f, whose value prints as JSON, a field that is written as JSON, as slog does: in
// this form it also goes to jobs, where it can be inspected.
func AsJSON(f *zap.Field) {
	if f.Type != zapcore.StringerType || f.Interface == nil {
		return
	}
	if t := reflect.TypeOf(f.Interface); t == printedType || PrintsRaw(t) {
		f.Type = zapcore.ReflectType
	}
}
