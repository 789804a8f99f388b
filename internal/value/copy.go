// SPDX-License-Identifier: Apache-2.0

package value

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/asynclocal/asynclocal/internal/text"
)

// The bounds of a value that is kept.
const (
	maxValues = 10_000
	maxText   = 64 << 10
	maxBytes  = 1 << 20
)

var (
	errOpaque = errors.New("cannot be copied")

	// ErrLarge means that a value is beyond the bounds.
	ErrLarge = errors.New("too deep or too large to be kept")
)

// copier copies values, without changing their types, so that nothing can change them. It calls
// none of their methods now, because the line that a value is kept for may never be written. A
// value that holds a lock, or refers to more through unexported fields, cannot be copied: it is
// opaque.
type copier struct {
	values, bytes int
	methods       bool // there are some that an encoder may call
}

// copied returns a copy of v.
func (c *copier) copied(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	n, err := c.value(reflect.ValueOf(v), 0)
	if err != nil {
		return nil, err
	}
	return n.Interface(), nil
}

var errorType = reflect.TypeFor[error]()

func (c *copier) value(v reflect.Value, depth int) (reflect.Value, error) {
	if c.values++; depth > text.MaxDepth || c.values > maxValues || c.bytes > maxBytes {
		return v, ErrLarge
	}
	if text.IsScalar(v.Kind()) && v.NumMethod() == 0 {
		return v, nil
	}
	t := v.Type()
	facts := factsOf(t)
	c.methods = c.methods || facts.printed
	if facts.flat && v.Kind() != reflect.String || t.Implements(errorType) && v.Kind() != reflect.Interface {
		return v, nil // an error is assumed not to change
	}
	switch v.Kind() {
	case reflect.String:
		return c.text(v), nil
	case reflect.Interface, reflect.Pointer:
		return c.referred(v, depth)
	case reflect.Slice, reflect.Array:
		return c.list(v, depth)
	case reflect.Map:
		return c.table(v, depth)
	case reflect.Struct:
		return c.record(v, depth, facts)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		if t.NumMethod() == 0 {
			return v, nil // it prints as an address, or not at all
		}
	}
	return v, errOpaque
}

func (c *copier) text(v reflect.Value) reflect.Value {
	s := v.String()
	if len(s) > maxText {
		s = cut(s)
		v = reflect.ValueOf(s).Convert(v.Type())
	}
	c.bytes += len(s)
	return v
}

// cut returns the beginning of s in newly allocated memory, and how long s was.
func cut(s string) string {
	return strings.Clone(text.Cut(s, maxText)) + fmt.Sprintf("… (of %d bytes)", len(s))
}

func (c *copier) referred(v reflect.Value, depth int) (reflect.Value, error) {
	if v.IsNil() {
		return v, nil
	}
	inner, err := c.value(v.Elem(), depth+1)
	if err != nil {
		return v, err
	}
	if v.Kind() == reflect.Interface {
		n := reflect.New(v.Type()).Elem()
		n.Set(inner)
		return n, nil
	}
	n := reflect.New(v.Type().Elem())
	n.Elem().Set(inner)
	return n.Convert(v.Type()), nil
}

func (c *copier) list(v reflect.Value, depth int) (reflect.Value, error) {
	n := reflect.New(v.Type()).Elem()
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			return v, nil
		}
		if c.bytes += v.Len() * int(v.Type().Elem().Size()); c.bytes > maxBytes {
			return v, ErrLarge
		}
		n = reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	}
	if text.IsScalar(v.Type().Elem().Kind()) {
		reflect.Copy(n, v)
		return n, nil
	}
	for i := range v.Len() {
		e, err := c.value(v.Index(i), depth+1)
		if err != nil {
			return v, err
		}
		n.Index(i).Set(e)
	}
	return n, nil
}

func (c *copier) table(v reflect.Value, depth int) (reflect.Value, error) {
	if v.IsNil() {
		return v, nil
	}
	if v.Len() > maxValues {
		return v, ErrLarge
	}
	n := reflect.MakeMapWithSize(v.Type(), v.Len())
	for i := v.MapRange(); i.Next(); {
		key, err := c.value(i.Key(), depth+1)
		if err != nil {
			return v, err
		}
		e, err := c.value(i.Value(), depth+1)
		if err != nil {
			return v, err
		}
		n.SetMapIndex(key, e)
	}
	return n, nil
}

func (c *copier) record(v reflect.Value, depth int, facts *typeFacts) (reflect.Value, error) {
	if facts.sealed {
		return v, errOpaque
	}
	n := reflect.New(v.Type()).Elem()
	n.Set(v)
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue // flat, or facts would say sealed
		}
		e, err := c.value(v.Field(i), depth+1)
		if err != nil {
			return v, err
		}
		n.Field(i).Set(e)
	}
	return n, nil
}
