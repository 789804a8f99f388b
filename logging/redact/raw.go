// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"encoding/json"
	"reflect"
	"strings"

	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/value"
)

// From Go 1.27 on, json.RawMessage, and every type that embeds it, has a String method: see package
// value.

var printedType = reflect.TypeFor[value.Printed]()

// redactRaw redacts f, whose value prints as JSON: zap writes it as a string.
func (r *Redactor) redactRaw(f *zap.Field) {
	if said, changed := r.rawText(f.Interface); changed {
		*f = zap.String(f.Key, said)
	}
}

// rawText returns what may be shown of the text that v prints, and whether that differs from the
// text.
func (r *Redactor) rawText(v any) (said string, changed bool) {
	switch shown := (&shower{redactor: r}).marshaler(v).(type) {
	case value.Printed:
		return shown.String(), true
	case string:
		return shown, true
	}
	return value.PrintedText(v), false
}

// rawTexts is redactRaw for zap.Stringers. It reports false if f is something else, or has no JSON
// in it.
func (r *Redactor) rawTexts(f *zap.Field) bool {
	list := reflect.ValueOf(f.Interface)
	if list.Kind() != reflect.Slice || !strings.HasPrefix(list.Type().Name(), "stringers[") {
		return false
	}
	var texts []string
	raw := false
	for i := range list.Len() {
		e := list.Index(i)
		if e.Kind() == reflect.Interface {
			e = e.Elem()
		}
		var said string
		if raw = raw || e.IsValid() && value.PrintsRaw(e.Type()); !e.IsValid() {
			said = "<nil>"
		} else if said = value.PrintedText(e.Interface()); value.PrintsRaw(e.Type()) {
			said, _ = r.rawText(e.Interface())
		}
		texts = append(texts, said)
	}
	if raw {
		*f = zap.Strings(f.Key, texts)
	}
	return raw
}

// told returns what may be shown of said, which m prints itself and also writes as JSON. If said is
// JSON too, its contents are inspected.
func (r *Redactor) told(m any, said string, as value.JSON) string {
	if value.IsRaw(reflect.TypeOf(m)) {
		return as.String()
	}
	if s := strings.TrimSpace(said); s == "" || s[0] != '{' && s[0] != '[' || !json.Valid([]byte(s)) {
		return said
	}
	if shown, ok := r.redactJSON(value.NewJSON(said)).(value.JSON); ok {
		return shown.String()
	}
	return redacted
}
