// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"net/url"
	"reflect"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/internal/value"
)

// redacted replaces a value that must not be shown.
const redacted = text.Redacted

// Redactor redacts fields, attributes and values. It is made by [New], does not change, and is safe
// for concurrent use.
type Redactor struct {
	keys    []string
	first   uint32 // the first letters of keys
	allowed []string
}

// New returns a Redactor. Without options it hides only headers and query parameters. A nil Option,
// and an empty key, panic.
func New(opts ...Option) *Redactor {
	r := new(Redactor)
	for _, o := range opts {
		if o == nil {
			panic("redact: a nil Option; leave it out")
		}
		o.apply(r)
	}
	r.first = firstLetters(r.keys)
	return r
}

// HasKeys reports whether there are keys whose values are hidden.
func (r *Redactor) HasKeys() bool { return len(r.keys) > 0 }

// Fields redacts each of fields, as Field does.
func (r *Redactor) Fields(fields []zap.Field) {
	for i := range fields {
		r.Field(&fields[i])
	}
}

// Field redacts f.
func (r *Redactor) Field(f *zap.Field) {
	if f.Type == zapcore.SkipType {
		return
	}
	if f.Type != zapcore.NamespaceType && r.IsSecret(f.Key) {
		*f = zap.String(f.Key, redacted)
		return
	}
	if f.Interface == nil {
		return
	}
	switch f.Type {
	case zapcore.ReflectType, zapcore.StringerType:
		r.redactValue(f)
	case zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType, zapcore.ArrayMarshalerType:
		r.redactMarshaler(f)
	}
}

// redactMarshaler makes f's value write to an encoder that redacts each field. Without keys only
// values have to be inspected, and f is written when it would have been.
func (r *Redactor) redactMarshaler(f *zap.Field) {
	t := reflect.TypeOf(f.Interface)
	switch {
	case value.IsDict(t):
		fields := slices.Clone(value.FieldsIn(f))
		r.Fields(fields)
		*f = value.WithFields(f, fields)
	case t.PkgPath() == value.ZapPackage && t.Kind() == reflect.Slice && !r.MayHide(t):
	case t.PkgPath() == value.ZapPackage && t.Kind() == reflect.Slice && value.IsURL(t.Elem()):
		*f = zap.Reflect(f.Key, r.Value(f.Interface))
	case !r.HasKeys():
		value.Filter(f, r)
	case t.PkgPath() == value.ZapPackage && r.rawTexts(f):
	default:
		*f = value.Read(f, r)
	}
}

func (r *Redactor) redactValue(f *zap.Field) {
	if v, ok := r.list(f.Interface); ok {
		*f = zap.Reflect(f.Key, v)
		if u, ok := v.(*url.URL); ok {
			*f = zap.String(f.Key, u.String())
		}
		return
	}
	switch t := reflect.TypeOf(f.Interface); {
	case f.Type == zapcore.ReflectType:
		f.Interface = r.Value(f.Interface)
	case r.HasKeys() && (t == printedType || value.PrintsRaw(t)):
		r.redactRaw(f)
	}
}
