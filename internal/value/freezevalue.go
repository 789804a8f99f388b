// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding"
	"errors"
	"fmt"
	"net/url"
	"reflect"

	"github.com/asynclocal/asynclocal/internal/text"
)

// freezeValue returns value in a form that nothing can change any more: a copy, or the text that it
// prints itself.
func freezeValue(value any, r Rules) (any, error) {
	switch u := value.(type) {
	case nil, JSON, Printed, Struct, url.URL:
		return value, nil
	case *url.URL:
		if u != nil {
			return *u, nil
		}
	}
	v, err := new(copier).copied(value)
	if err == nil || errors.Is(err, ErrLarge) {
		return v, err
	}
	if early, ok := r.(EarlyRules); ok {
		value = early.BeforeJSON(value)
	}
	read, err := Encode(value)
	if err != nil {
		return nil, err
	}
	return NewPrinted(read, textOf(value, read.text)), nil
}

// textOf returns how a text handler shows value, which cannot be copied: the text that it prints
// itself, else instead, because package fmt would print unexported fields.
func textOf(value any, instead string) string {
	s, err := text.Call(value, func() string {
		if m, ok := value.(encoding.TextMarshaler); ok {
			if t, err := m.MarshalText(); err == nil {
				return string(t)
			}
		}
		if IsPrintedByFmt(reflect.TypeOf(value)) {
			return fmt.Sprintf("%+v", value)
		}
		return instead
	})
	if err != nil {
		return instead
	}
	return s
}
