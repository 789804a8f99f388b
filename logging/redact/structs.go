// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"reflect"
	"slices"
	"strings"
	"sync"
)

// shownField is a field of a struct as encoding/json sees it.
type shownField struct {
	index     []int
	name      string // in JSON
	goName    string
	tagged    bool
	omitEmpty bool
	omitZero  bool
	quoted    bool
}

var fieldsByType sync.Map

// fieldsOf returns the fields that encoding/json writes of a struct, in order.
func fieldsOf(t reflect.Type) []shownField {
	if known, ok := fieldsByType.Load(t); ok {
		return known.([]shownField)
	}
	var all []shownField
	gather(t, nil, map[reflect.Type]bool{}, &all)
	known, _ := fieldsByType.LoadOrStore(t, dominant(all))
	return known.([]shownField)
}

func gather(t reflect.Type, at []int, within map[reflect.Type]bool, all *[]shownField) {
	if within[t] {
		return
	}
	within[t] = true
	defer delete(within, t)
	for i := range t.NumField() {
		f := t.Field(i)
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if !f.IsExported() && (!f.Anonymous || inner.Kind() != reflect.Struct) {
			continue
		}
		tag := f.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		index := append(slices.Clone(at), i)
		if f.Anonymous && name == "" && inner.Kind() == reflect.Struct {
			gather(inner, index, within, all)
			continue
		}
		if !f.IsExported() {
			continue
		}
		s := shownField{index: index, name: name, goName: f.Name, tagged: name != ""}
		if name == "" {
			s.name = f.Name
		}
		for option := range strings.SplitSeq(options, ",") {
			s.omitEmpty = s.omitEmpty || option == "omitempty"
			s.omitZero = s.omitZero || option == "omitzero"
			s.quoted = s.quoted || option == "string"
		}
		*all = append(*all, s)
	}
}

// dominant keeps one field of each name: the least nested one; of several, the one whose name comes
// from a tag; if two are equal, neither.
func dominant(all []shownField) []shownField {
	best := map[string]int{} // less than 0: two are equal
	for i := range all {
		b, ok := best[all[i].name]
		if !ok {
			best[all[i].name] = i
			continue
		}
		was := &all[max(b, ^b)]
		switch c := compareFields(&all[i], was); {
		case c < 0:
			best[all[i].name] = i
		case c == 0 && b >= 0:
			best[all[i].name] = ^b
		}
	}
	var kept []shownField
	for i := range all {
		if best[all[i].name] == i {
			kept = append(kept, all[i])
		}
	}
	return kept
}

func compareFields(a, b *shownField) int {
	if len(a.index) != len(b.index) {
		return len(a.index) - len(b.index)
	}
	switch {
	case a.tagged == b.tagged:
		return 0
	case a.tagged:
		return -1
	}
	return 1
}

// of returns f's value in v; false if there is no such value or it is left out.
func (f *shownField) of(v reflect.Value) (reflect.Value, bool) {
	for _, i := range f.index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if f.omitEmpty && isEmpty(v) || f.omitZero && isZero(v) {
		return v, false
	}
	return v, true
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Interface, reflect.Pointer:
		return v.IsNil()
	}
	return isPlainKind(v.Kind()) && v.IsZero()
}

func isPlainKind(k reflect.Kind) bool { return k >= reflect.Bool && k <= reflect.Float64 }

func isZero(v reflect.Value) (zero bool) {
	defer func() {
		if recover() != nil {
			zero = v.IsZero()
		}
	}()
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return v.IsZero()
}
