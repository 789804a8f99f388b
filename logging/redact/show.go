// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"reflect"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
)

// redacts reports whether an option says what to redact. Without such an option, headers and URLs
// are looked for as far as possible.
func (r *Redactor) redacts() bool { return r.HasKeys() || len(r.allowed) > 0 }

// Value returns what may be shown of v: v itself, if there is nothing to redact, so that it prints
// as it would have in any core. Otherwise maps and lists are copied, a struct becomes an object
// with its fields, and a value that cannot be inspected is REDACTED.
func (r *Redactor) Value(v any) any {
	if !r.MayHide(reflect.TypeOf(v)) {
		return v
	}
	f := finder{redactor: r}
	found := f.find(reflect.ValueOf(v), 0)
	switch {
	case !found && !f.lost:
		return v
	case f.lost && r.redacts():
		return redacted
	case !found:
		return v
	}
	return (&shower{redactor: r}).value(reflect.ValueOf(v), 0)
}

type shower struct {
	redactor *Redactor
	values   int
}

func (s *shower) value(v reflect.Value, depth int) any {
	if s.values++; depth > text.MaxDepth || s.values > maxLooked {
		return redacted
	}
	if !v.IsValid() {
		return nil
	}
	if !v.CanInterface() {
		return redacted
	}
	t := v.Type()
	if v.Kind() != reflect.Interface && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		switch {
		case t == urlType, t == reflect.PointerTo(urlType):
			return s.url(v)
		case t.Implements(jsonType) && s.redactor.HasKeys() && t != timeType:
			return s.marshaler(v.Interface())
		case t.Implements(textType) || t.Implements(jsonType):
			return v.Interface()
		}
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return v.Interface()
		}
		shown := s.value(v.Elem(), depth+1)
		if o, ok := shown.(value.Struct); ok && value.IsPrintedByFmt(t) {
			return o.PrintedAs(value.PrintedText(v.Interface()))
		}
		return shown
	case reflect.Map:
		return s.table(v, depth)
	case reflect.Slice, reflect.Array:
		return s.list(v, depth)
	case reflect.Struct:
		return s.record(v, depth)
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Sprint(f) // for which JSON has no number
		}
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return redacted
	}
	return v.Interface()
}

func (s *shower) url(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		return s.redactor.listURL(v.Interface().(*url.URL)).String()
	}
	u := v.Interface().(url.URL)
	return s.redactor.listURL(&u).String()
}

func (s *shower) table(v reflect.Value, depth int) any {
	if v.IsNil() {
		return v.Interface()
	}
	if listed, ok := s.redactor.list(v.Interface()); ok {
		return listed
	}
	if v.Type().Key().Kind() != reflect.String {
		n := reflect.MakeMap(reflect.MapOf(v.Type().Key(), reflect.TypeFor[any]()))
		for i := v.MapRange(); i.Next(); {
			e := reflect.New(reflect.TypeFor[any]()).Elem()
			if shown := s.value(i.Value(), depth+1); shown != nil {
				e.Set(reflect.ValueOf(shown))
			}
			n.SetMapIndex(i.Key(), e)
		}
		return n.Interface()
	}
	n := make(map[string]any, v.Len())
	for i := v.MapRange(); i.Next(); {
		key := i.Key().String()
		if s.redactor.IsSecret(key) {
			n[key] = redacted
			continue
		}
		n[key] = s.value(i.Value(), depth+1)
	}
	return n
}

func (s *shower) list(v reflect.Value, depth int) any {
	if v.Kind() == reflect.Slice && v.IsNil() || text.IsScalar(v.Type().Elem().Kind()) {
		return v.Interface()
	}
	n := make([]any, v.Len())
	for i := range n {
		n[i] = s.value(v.Index(i), depth+1)
	}
	return n
}

func (s *shower) record(v reflect.Value, depth int) any {
	var members []value.Member
	for _, f := range fieldsOf(v.Type()) {
		field, ok := f.of(v)
		switch {
		case !ok:
		case s.redactor.IsSecret(f.name) || s.redactor.IsSecret(f.goName):
			members = append(members, value.Member{Key: f.name, Value: redacted})
		case f.quoted && (isPlainKind(field.Kind()) || field.Kind() == reflect.String):
			quoted, err := json.Marshal(field.Interface())
			if err != nil {
				quoted = []byte(redacted)
			}
			members = append(members, value.Member{Key: f.name, Value: string(quoted)})
		default:
			members = append(members, value.Member{Key: f.name, Value: s.value(field, depth+1)})
		}
	}
	if value.IsPrintedByFmt(v.Type()) {
		return value.NewStruct(members, value.PrintedText(v.Interface()))
	}
	return value.NewStruct(members, "")
}

// marshaler returns what may be shown of m; only m knows what it writes.
func (s *shower) marshaler(m any) any {
	raw, err := value.Encode(m)
	if err != nil {
		return redacted
	}
	shown := s.redactor.redactJSON(raw)
	if shown == any(raw) {
		return m
	}
	o, ok := shown.(value.JSON)
	if !ok {
		return redacted
	}
	said := o.String()
	if read, ok := m.(value.Printed); ok {
		if read.String() != read.JSON.String() {
			said = s.redactor.told(m, read.String(), o)
		}
	} else if _, ok := m.(value.JSON); !ok && value.IsPrintedByFmt(reflect.TypeOf(m)) {
		said = s.redactor.told(m, value.PrintedText(m), o)
	}
	return value.NewPrinted(o, said)
}
