// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"encoding/json"
	"reflect"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// From Go 1.27 on json.RawMessage, and all that embeds it, has a String method, which
// prints the JSON: zap and package fmt take it for a value that knows what to show of
// itself. It does not, and what is in it is looked for, as before.

var (
	rawType  = reflect.TypeFor[json.RawMessage]()
	readType = reflect.TypeFor[readValue]()
)

// isRaw reports whether t is json.RawMessage, or a pointer to it.
func isRaw(t reflect.Type) bool {
	return t == rawType || t.Kind() == reflect.Pointer && t.Elem() == rawType
}

// printsRaw reports whether String of values of t may be the one of a json.RawMessage.
func printsRaw(t reflect.Type) bool { return t.Implements(stringerType) && hasRaw(t, 0) }

func hasRaw(t reflect.Type, depth int) bool {
	const deepest = 8 // embedded types may be within each other
	if isRaw(t) || depth > deepest {
		return t != nil && isRaw(t)
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

// redactRaw redacts f, whose value prints as JSON: what zap writes is a string of it.
func (c *config) redactRaw(f *zap.Field) {
	if said, changed := c.rawText(f.Interface); changed {
		*f = zap.String(f.Key, said)
	}
}

// rawText returns what may be seen of what v prints, and whether that is not all.
func (c *config) rawText(v any) (said string, changed bool) {
	switch shown := (&shower{cfg: c}).marshaler(v).(type) {
	case readValue:
		return string(shown.text), true
	case string:
		return shown, true
	}
	return fmtText(v), false
}

// rawTexts is redactRaw for zap.Stringers. It reports false where f is none, or has no
// JSON in it.
func (c *config) rawTexts(f *zap.Field) bool {
	list := reflect.ValueOf(f.Interface)
	if list.Kind() != reflect.Slice || !strings.HasPrefix(list.Type().Name(), "stringers[") {
		return false
	}
	var texts elements
	raw := false
	for i := range list.Len() {
		e := list.Index(i)
		if e.Kind() == reflect.Interface {
			e = e.Elem()
		}
		var said string
		if raw = raw || e.IsValid() && printsRaw(e.Type()); !e.IsValid() {
			said = "<nil>"
		} else if said = fmtText(e.Interface()); printsRaw(e.Type()) {
			said, _ = c.rawText(e.Interface())
		}
		keep(&texts, said, zapcore.ArrayEncoder.AppendString)
	}
	if raw {
		*f = zap.Array(f.Key, texts)
	}
	return raw
}

// told returns what may be seen of said, which is what m prints for itself and writes
// as JSON too. Where said is JSON as well, what is in it is looked for.
func (c *config) told(m any, said string, as jsonValue) string {
	if isRaw(reflect.TypeOf(m)) {
		return as.text
	}
	if s := strings.TrimSpace(said); s == "" || s[0] != '{' && s[0] != '[' || !json.Valid([]byte(s)) {
		return said
	}
	if shown, ok := c.redactJSON(jsonValue{said}).(jsonValue); ok {
		return shown.text
	}
	return redacted
}

// readRaw is written for f, whose value prints as JSON: the JSON stays such, so that
// it can be looked into later.
func readRaw(f *zap.Field) zap.Field {
	read, _ := encode(f.Interface) // what fails is not shown where secrets are looked for
	return zap.Stringer(f.Key, readValue{read, []byte(fmtText(f.Interface))})
}

// asJSON makes f, whose value prints as JSON, one that is written as JSON, as slog does
// it: so it goes to jobs, too, where it can be looked into.
func asJSON(f *zap.Field) {
	if f.Type != zapcore.StringerType || f.Interface == nil {
		return
	}
	if t := reflect.TypeOf(f.Interface); t == readType || printsRaw(t) {
		f.Type = zapcore.ReflectType
	}
}
