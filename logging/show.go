// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"reflect"

	"github.com/asynclocal/asynclocal/internal/text"
)

// redacts reports whether somebody has said what must not be seen. Without, headers
// and URLs are looked for as far as can be.
func (c *config) redacts() bool { return len(c.secretKeys) > 0 || len(c.listed) > 0 }

// show returns what may be seen of v: v itself, where there is nothing to hide, so
// that it prints as it would have, in whatever core. Else maps and lists are copied, a
// struct becomes an object with its fields, and what cannot be looked into is
// REDACTED.
func (c *config) show(v any) any {
	if c == nil || !c.mayHide(reflect.TypeOf(v)) {
		return v
	}
	f := finder{cfg: c}
	found := f.find(reflect.ValueOf(v), 0)
	switch {
	case !found && !f.lost:
		return v
	case f.lost && c.redacts():
		return redacted
	case !found:
		return v
	}
	return (&shower{cfg: c}).value(reflect.ValueOf(v), 0)
}

type shower struct {
	cfg    *config
	values int
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
		case t.Implements(jsonType) && len(s.cfg.secretKeys) > 0 && t != timeType:
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
		if o, ok := shown.(object); ok && isPrintedByFmt(t) {
			o.text = fmtText(v.Interface())
			return o
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
			return fmt.Sprint(f) // which JSON has no number for
		}
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return redacted
	}
	return v.Interface()
}

func (s *shower) url(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		return s.cfg.listURL(v.Interface().(*url.URL)).String()
	}
	u := v.Interface().(url.URL)
	return s.cfg.listURL(&u).String()
}

func (s *shower) table(v reflect.Value, depth int) any {
	if v.IsNil() {
		return v.Interface()
	}
	if listed, ok := s.cfg.list(v.Interface()); ok {
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
		if s.cfg.isSecret(key) {
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
	o := object{}
	for _, f := range fieldsOf(v.Type()) {
		field, ok := f.of(v)
		switch {
		case !ok:
		case s.cfg.isSecret(f.name) || s.cfg.isSecret(f.goName):
			o.members = append(o.members, member{f.name, redacted})
		case f.quoted && (isPlainKind(field.Kind()) || field.Kind() == reflect.String):
			quoted, err := json.Marshal(field.Interface())
			if err != nil {
				quoted = []byte(redacted)
			}
			o.members = append(o.members, member{f.name, string(quoted)})
		default:
			o.members = append(o.members, member{f.name, s.value(field, depth+1)})
		}
	}
	if isPrintedByFmt(v.Type()) {
		o.text = fmtText(v.Interface())
	}
	return o
}

// marshaler returns what may be seen of m, which alone knows what it writes.
func (s *shower) marshaler(m any) any {
	raw, err := encode(m)
	if err != nil {
		return redacted
	}
	shown := s.cfg.redactJSON(raw)
	if shown == any(raw) {
		return m
	}
	o, ok := shown.(jsonValue)
	if !ok {
		return redacted
	}
	said := o.text
	if read, ok := m.(readValue); ok {
		if string(read.text) != read.jsonValue.text {
			said = s.cfg.told(m, string(read.text), o)
		}
	} else if _, ok := m.(jsonValue); !ok && isPrintedByFmt(reflect.TypeOf(m)) {
		said = s.cfg.told(m, fmtText(m), o)
	}
	return readValue{o, []byte(said)}
}

// encode returns v as JSON: of one that is too deep or too large, whose methods panic
// or block, an error.
func encode(v any) (jsonValue, error) {
	if !text.Encodable(v) {
		return jsonValue{}, errLarge
	}
	type result struct {
		text string
		err  error
	}
	r, err := text.Call(v, func() result {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		err := enc.Encode(v)
		return result{string(bytes.TrimSpace(b.Bytes())), err}
	})
	if err != nil {
		return jsonValue{}, err
	}
	return jsonValue{r.text}, r.err
}

func isPrintedByFmt(t reflect.Type) bool {
	return t.Implements(stringerType) || t.Implements(formatterType) || t.Implements(errorType)
}

// fmtText is what package fmt prints for v, which has a method for it.
func fmtText(v any) string {
	s, err := text.Call(v, func() string { return fmt.Sprintf("%+v", v) })
	if err != nil {
		return redacted
	}
	return s
}

// object is a struct of which not all may be seen, as JSON and as text.
type object struct {
	members []member
	text    string // what it prints for itself; "": the JSON
}

type member struct {
	key   string
	value any
}

var (
	_ json.Marshaler         = object{}
	_ encoding.TextMarshaler = object{}
)

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeJSON(&b, m.key); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := writeJSON(&b, m.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (o object) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

func (o object) String() string {
	if o.text != "" {
		return o.text
	}
	j, err := o.MarshalJSON()
	if err != nil {
		return redacted
	}
	return string(j)
}
