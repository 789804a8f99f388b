// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"encoding"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"time"

	"github.com/asynclocal/asynclocal/internal/text"
)

// finder looks for what must be redacted in a value, wherever an encoder could find it. It calls no
// method, and reads only what is exported, as JSON does: the rest, which package fmt prints, may be
// guarded by a lock, and is judged by its type.
type finder struct {
	redactor *Redactor
	values   int
	seen     map[place]bool // true: what is below it was looked at, too
	lost     bool           // there is more than can be looked at, or a cycle
}

type place struct {
	at   uintptr
	kind reflect.Type
}

// maxLooked bounds how many values are looked at.
const maxLooked = 100_000

var (
	jsonType      = reflect.TypeFor[json.Marshaler]()
	textType      = reflect.TypeFor[encoding.TextMarshaler]()
	stringerType  = reflect.TypeFor[fmt.Stringer]()
	formatterType = reflect.TypeFor[fmt.Formatter]()
	urlType       = reflect.TypeFor[url.URL]()
	timeType      = reflect.TypeFor[time.Time]()
	secretType    = reflect.TypeFor[Secret]()
)

// find reports whether v has something that must be redacted, or might have.
func (f *finder) find(v reflect.Value, depth int) bool {
	if f.values++; depth > text.MaxDepth || f.values > maxLooked {
		f.lost = true
		return false
	}
	switch k := v.Kind(); {
	case text.IsScalar(k), k == reflect.String, k == reflect.Invalid:
		return false
	case k == reflect.Slice && text.IsScalar(v.Type().Elem().Kind()) && !v.Type().Implements(jsonType):
		return false
	}
	t := v.Type()
	keys := f.redactor.HasKeys()
	switch {
	case t == timeType || t == secretType:
		return false
	case keys && v.Kind() != reflect.Interface && t.Implements(jsonType):
		return v.Kind() != reflect.Pointer || !v.IsNil() // only the value itself knows what it writes
	case t.Implements(textType) && (t.Implements(stringerType) || t.Implements(formatterType)) && v.Kind() != reflect.Interface:
		return false // all encoders print it as text
	}
	switch v.Kind() {
	case reflect.Interface:
		return !v.IsNil() && f.find(v.Elem(), depth+1)
	case reflect.Pointer:
		if v.IsNil() || f.been(v) {
			return false
		}
		return f.find(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		return f.findInList(v, depth)
	case reflect.Map:
		return f.findInMap(v, depth)
	case reflect.Struct:
		return f.findInStruct(v, depth)
	}
	return false
}

// been reports whether v was looked at before. Package fmt never ends on a map that contains
// itself; it does not follow pointers.
func (f *finder) been(v reflect.Value) bool {
	p := place{v.Pointer(), v.Type()}
	done, seen := f.seen[p]
	if seen {
		f.lost = f.lost || !done && v.Kind() == reflect.Map
		return true
	}
	if f.seen == nil {
		f.seen = map[place]bool{}
	}
	f.seen[p] = false
	return false
}

func (f *finder) findInList(v reflect.Value, depth int) bool {
	if !f.redactor.MayHide(v.Type().Elem()) {
		return false
	}
	for i := range v.Len() {
		if f.find(v.Index(i), depth+1) {
			return true
		}
	}
	return false
}

func (f *finder) findInMap(v reflect.Value, depth int) bool {
	if v.IsNil() || f.been(v) {
		return false
	}
	t := v.Type()
	listed := t.ConvertibleTo(valuesType)
	for i := v.MapRange(); i.Next(); {
		if t.Key().Kind() == reflect.String {
			name := i.Key().String()
			if f.redactor.IsSecret(name) || listed && !containsFold(f.redactor.allowed, name) {
				return true
			}
		} else if f.find(i.Key(), depth+1) {
			return true
		}
		if f.find(i.Value(), depth+1) {
			return true
		}
	}
	f.seen[place{v.Pointer(), t}] = true
	return false
}

func (f *finder) findInStruct(v reflect.Value, depth int) bool {
	t := v.Type()
	if t == urlType {
		return urlTells(v)
	}
	for i := range v.NumField() {
		field := t.Field(i)
		if f.redactor.IsSecret(field.Name) {
			return true
		}
		if field.IsExported() || embeds(&field) {
			if f.find(v.Field(i), depth+1) {
				return true
			}
		} else if f.redactor.mayPrint(field.Type, map[reflect.Type]bool{}) {
			return true
		}
	}
	if f.redactor.HasKeys() {
		for _, field := range fieldsOf(t) {
			if f.redactor.IsSecret(field.name) {
				return true
			}
		}
	}
	return false
}
