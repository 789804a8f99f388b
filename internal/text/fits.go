// SPDX-License-Identifier: Apache-2.0

package text

import "reflect"

// The bounds of a value that is looked at. A value beyond any of them does not fit.
const (
	MaxDepth  = 100
	maxValues = 100_000
	maxBytes  = 1 << 20
)

// Printable reports whether package fmt prints v in bounded time: it follows maps, slices and
// interfaces without limit, and the first pointer.
func Printable(v any) bool { return (&measure{}).fits(reflect.ValueOf(v), 0) }

// Encodable reports the same for encoding/json, which follows every pointer too.
func Encodable(v any) bool { return (&measure{pointers: true}).fits(reflect.ValueOf(v), 0) }

// measure walks a value as an encoder of it would. It calls no method.
type measure struct {
	pointers      bool // followed at every depth
	values, bytes int
}

func (m *measure) fits(v reflect.Value, depth int) bool {
	if m.values++; depth > MaxDepth || m.values > maxValues || m.bytes > maxBytes {
		return false
	}
	switch v.Kind() {
	case reflect.String:
		m.bytes += v.Len()
		return m.bytes <= maxBytes
	case reflect.Interface:
		return v.IsNil() || m.fits(v.Elem(), depth+1)
	case reflect.Pointer:
		return v.IsNil() || depth > 0 && !m.pointers || m.fits(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); m.pointers && !f.IsExported() && !f.Anonymous {
				continue // JSON does not read it, and a lock may guard it
			}
			if !m.fits(v.Field(i), depth+1) {
				return false
			}
		}
	case reflect.Slice, reflect.Array:
		return m.fitsList(v, depth)
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			if !m.fits(i.Key(), depth+1) || !m.fits(i.Value(), depth+1) {
				return false
			}
		}
	}
	return true
}

func (m *measure) fitsList(v reflect.Value, depth int) bool {
	if element := v.Type().Elem(); IsScalar(element.Kind()) {
		m.bytes += v.Len() * int(element.Size())
		return m.bytes <= maxBytes
	}
	for i := range v.Len() {
		if !m.fits(v.Index(i), depth+1) {
			return false
		}
	}
	return true
}

// IsScalar reports whether values of kind k refer to nothing, and have a fixed size.
func IsScalar(k reflect.Kind) bool { return k >= reflect.Bool && k <= reflect.Complex128 }
