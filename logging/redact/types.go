// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"reflect"
	"sync"

	"github.com/asynclocal/asynclocal/internal/text"
)

// embeds reports whether f's fields are promoted to the struct that contains f.
func embeds(f *reflect.StructField) bool {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return f.Anonymous && t.Kind() == reflect.Struct
}

// mayPrint reports whether an unexported field of type t may print, through package fmt, which
// follows no pointers, something that must be redacted.
func (r *Redactor) mayPrint(t reflect.Type, within map[reflect.Type]bool) bool {
	if within[t] || t == timeType || t == secretType {
		return false
	}
	within[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return r.redacts()
	case reflect.Map:
		return t.ConvertibleTo(valuesType) || t.Key().Kind() == reflect.String && r.HasKeys() || r.mayPrint(t.Elem(), within)
	case reflect.Slice, reflect.Array:
		return r.mayPrint(t.Elem(), within)
	case reflect.Struct:
		if t == urlType {
			return true
		}
		for i := range t.NumField() {
			if r.IsSecret(t.Field(i).Name) || r.mayPrint(t.Field(i).Type, within) {
				return true
			}
		}
	}
	return false
}

// urlTells reports whether the url.URL v has a part that listURL changes.
func urlTells(v reflect.Value) bool {
	return v.FieldByName("RawQuery").String() != "" || !v.FieldByName("User").IsNil() ||
		v.FieldByName("Fragment").String() != "" || v.FieldByName("Opaque").String() != ""
}

// MayHide reports whether a value of type t can contain something that must be redacted.
func (r *Redactor) MayHide(t reflect.Type) bool {
	if t == nil {
		return false
	}
	if r.HasKeys() {
		return !isFlatText(t)
	}
	if known, ok := hidingTypes.Load(t); ok {
		return known.(bool)
	}
	may := reaches(t, map[reflect.Type]bool{})
	hidingTypes.Store(t, may)
	return may
}

// isFlatText reports whether t is a scalar, a text, a list of those, or a time.
func isFlatText(t reflect.Type) bool {
	if t == timeType || t == secretType {
		return true
	}
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		if t.Implements(jsonType) {
			return false
		}
		t = t.Elem()
	}
	return (text.IsScalar(t.Kind()) || t.Kind() == reflect.String) && !t.Implements(jsonType)
}

var hidingTypes sync.Map // bounded by the types of the program

// reaches reports whether values of type t can lead to headers, URLs or something that only a value
// can tell.
func reaches(t reflect.Type, within map[reflect.Type]bool) bool {
	if within[t] || t == timeType {
		return false
	}
	within[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Map:
		return t.ConvertibleTo(valuesType) || reaches(t.Key(), within) || reaches(t.Elem(), within)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return reaches(t.Elem(), within)
	case reflect.Struct:
		if t == urlType {
			return true
		}
		for i := range t.NumField() {
			if reaches(t.Field(i).Type, within) {
				return true
			}
		}
	}
	return false
}
