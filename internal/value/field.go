// SPDX-License-Identifier: Apache-2.0

package value

import (
	"fmt"
	"net/url"
	"reflect"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// ZapPackage is the package of the types that zap's functions make.
const ZapPackage = "go.uber.org/zap"

var (
	ownPackage = reflect.TypeFor[JSON]().PkgPath()
	dictType   = reflect.TypeFor[[]zap.Field]()
	urlType    = reflect.TypeFor[url.URL]()

	stringerType  = reflect.TypeFor[fmt.Stringer]()
	formatterType = reflect.TypeFor[fmt.Formatter]()
)

// Asked returns the value whose methods f calls, or nil if they are methods of what that value
// holds.
func Asked(f *zap.Field) any {
	t := reflect.TypeOf(f.Interface)
	if t == nil || t.PkgPath() == ZapPackage || t.PkgPath() == ownPackage {
		return nil
	}
	return f.Interface
}

// Failed returns the field that zap writes for a field that cannot be written.
func Failed(f *zap.Field, err error) zap.Field { return zap.String(f.Key+"Error", err.Error()) }

// IsDict reports whether values of type t are lists of fields, as zap.Dict makes them.
func IsDict(t reflect.Type) bool { return t.Kind() == reflect.Slice && t.ConvertibleTo(dictType) }

// FieldsIn returns the fields of f, whose value is a list of them.
func FieldsIn(f *zap.Field) []zap.Field {
	return reflect.ValueOf(f.Interface).Convert(dictType).Interface().([]zap.Field)
}

// WithFields returns f, whose value is a list of fields, with others.
func WithFields(f *zap.Field, fields []zap.Field) zap.Field {
	if f.Type == zapcore.InlineMarshalerType {
		return zap.Inline(object(fields))
	}
	return zap.Object(f.Key, object(fields))
}

// IsURL reports whether t is url.URL, or a pointer to it.
func IsURL(t reflect.Type) bool { return t == urlType || t == reflect.PointerTo(urlType) }
