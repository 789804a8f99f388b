// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/asynclocal/asynclocal/internal/text"
)

// typeFacts are what is known about all values of a type.
type typeFacts struct {
	flat    bool // they refer to nothing that can change
	sealed  bool // of a struct: it has a lock, or an unexported field that is not flat
	printed bool // an encoder may call a method
}

// factsByType is bounded by the types of the program.
var factsByType sync.Map

func factsOf(t reflect.Type) *typeFacts {
	if known, ok := factsByType.Load(t); ok {
		return known.(*typeFacts)
	}
	f := &typeFacts{printed: isPrinted(t) || isPrinted(reflect.PointerTo(t)), flat: isFlat(t)}
	if t.Kind() == reflect.Struct && !f.flat {
		f.sealed = hasLock(t)
		for i := range t.NumField() {
			f.sealed = f.sealed || !t.Field(i).IsExported() && !isFlat(t.Field(i).Type)
		}
	}
	known, _ := factsByType.LoadOrStore(t, f)
	return known.(*typeFacts)
}

func isFlat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String:
		return true
	case reflect.Array:
		return isFlat(t.Elem())
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return true
		}
		if hasLock(t) {
			return false
		}
		for i := range t.NumField() {
			if !isFlat(t.Field(i).Type) {
				return false
			}
		}
		return true
	}
	return text.IsScalar(t.Kind())
}

var lockerType = reflect.TypeFor[sync.Locker]()

// hasLock follows vet: a type with Lock and Unlock must not be copied.
func hasLock(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(lockerType) || t.PkgPath() == "sync" || t.PkgPath() == "sync/atomic"
}

var printedBy = []reflect.Type{
	reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[fmt.Stringer](),
	reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[slog.LogValuer](),
}

func isPrinted(t reflect.Type) bool {
	if t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[*time.Time]() || t == reflect.TypeFor[time.Duration]() || t == reflect.TypeFor[*time.Duration]() {
		return false
	}
	for _, method := range printedBy {
		if t.Kind() != reflect.Interface && t.Implements(method) {
			return true
		}
	}
	return false
}
