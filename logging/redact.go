// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"math"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// WithRedaction prints REDACTED for the values of fields with these keys,
// whatever their case: on lines, of With and of Add, and inside of objects, arrays
// and reflected values, however deep. A value that cannot be looked into, because it
// is too deep or too large, or has a MarshalJSON that fails, panics or does not return,
// is REDACTED as a whole. What a value prints for itself, by String, Error or
// MarshalText, is not looked into. By default no key is redacted; Secret is the better
// tool where the type is yours.
func WithRedaction(keys ...string) Option {
	return optionFunc(func(c *config) {
		for _, k := range keys {
			if k == "" {
				c.reject("WithRedaction: a key is empty, and has to have at least 1 character")
			}
		}
		c.secretKeys = append(c.secretKeys, keys...)
	})
}

// WithListed names the headers and query parameters, whatever their case, that
// may be logged. Of a value that is a map of strings to lists of strings (http.Header,
// url.Values, a message's headers) or a *url.URL, on its own or inside of another, no
// others are written. By default that is none.
func WithListed(names ...string) Option {
	return optionFunc(func(c *config) { c.listed = append(c.listed, names...) })
}

// isSecret looks at the first letter first: it is asked about every field.
func (c *config) isSecret(key string) bool {
	return key != "" && c.secretFirst>>firstLetter(key)&1 != 0 && containsFold(c.secretKeys, key)
}

// firstLetter returns a number below 32 that is the same for a letter in both
// cases, and 0 for what is not ASCII, which may fold to anything.
func firstLetter(key string) int {
	if key[0] >= utf8.RuneSelf {
		return 0
	}
	return int(key[0] & 31)
}

// firstLetters returns a set with the first letters of keys, and 0.
func firstLetters(keys []string) (set uint32) {
	for _, k := range keys {
		set |= 1 | 1<<firstLetter(k)
		if k[0] >= utf8.RuneSelf {
			return math.MaxUint32
		}
	}
	return set
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// redactAll changes fields, which belong to the caller.
func (c *config) redactAll(fields []zap.Field) {
	for i := range fields {
		c.redact(&fields[i])
	}
}

// redact takes from f what must not be seen.
func (c *config) redact(f *zap.Field) {
	if f.Type == zapcore.SkipType {
		return
	}
	if f.Type != zapcore.NamespaceType && c.isSecret(f.Key) {
		*f = zap.String(f.Key, redacted)
		return
	}
	if f.Interface == nil {
		return
	}
	switch f.Type {
	case zapcore.ReflectType, zapcore.StringerType:
		c.redactValue(f)
	case zapcore.ObjectMarshalerType, zapcore.InlineMarshalerType, zapcore.ArrayMarshalerType:
		c.redactMarshaler(f)
	}
}

// redactMarshaler has what f holds written to an encoder that redacts each field.
// Without keys there are only values to look for, and f is written when it would have
// been.
func (c *config) redactMarshaler(f *zap.Field) {
	t := reflect.TypeOf(f.Interface)
	switch {
	case isDict(t):
		fields := slices.Clone(fieldsIn(f))
		c.redactAll(fields)
		*f = dict(f, fields)
	case t.PkgPath() == zapPackage && t.Kind() == reflect.Slice && !c.mayHide(t):
	case t.PkgPath() == zapPackage && t.Kind() == reflect.Slice && isURL(t.Elem()):
		*f = zap.Reflect(f.Key, c.show(f.Interface))
	case len(c.secretKeys) == 0:
		c.veil(f)
	case t.PkgPath() == zapPackage && c.rawTexts(f):
	default:
		*f = written(f, c, false)
	}
}

func isDict(t reflect.Type) bool { return t.Kind() == reflect.Slice && t.ConvertibleTo(dictType) }

// fieldsIn returns the fields of f, which is a Dict.
func fieldsIn(f *zap.Field) []zap.Field {
	return reflect.ValueOf(f.Interface).Convert(dictType).Interface().([]zap.Field)
}

// dict returns f with other fields.
func dict(f *zap.Field, fields []zap.Field) zap.Field {
	if f.Type == zapcore.InlineMarshalerType {
		return zap.Inline(frozen(fields))
	}
	return zap.Object(f.Key, frozen(fields))
}

const zapPackage = "go.uber.org/zap"

var dictType = reflect.TypeFor[[]zap.Field]()

func isURL(t reflect.Type) bool { return t == urlType || t == reflect.PointerTo(urlType) }

func (c *config) redactValue(f *zap.Field) {
	if v, ok := c.list(f.Interface); ok {
		*f = zap.Reflect(f.Key, v)
		if u, ok := v.(*url.URL); ok {
			*f = zap.String(f.Key, u.String())
		}
		return
	}
	switch t := reflect.TypeOf(f.Interface); {
	case f.Type == zapcore.ReflectType:
		f.Interface = c.show(f.Interface)
	case len(c.secretKeys) > 0 && (t == readType || printsRaw(t)):
		c.redactRaw(f)
	}
}

// list returns what may be seen of v if it is one of the kinds that WithListed is
// about.
func (c *config) list(v any) (any, bool) {
	switch u := v.(type) {
	case *url.URL:
		return c.listURL(u), u != nil
	case url.URL:
		return c.listURL(&u), true
	}
	values, ok := asValues(v)
	if !ok {
		return nil, false
	}
	seen := map[string][]string{}
	for name, list := range values {
		if containsFold(c.listed, name) && !c.isSecret(name) {
			seen[name] = list
		}
	}
	return seen, true
}

func (c *config) listURL(u *url.URL) *url.URL {
	if u == nil {
		return nil
	}
	seen := *u
	if u.User != nil {
		seen.User = url.User(u.User.Username())
	}
	seen.RawQuery = c.listQuery(u.RawQuery)
	if u.Fragment != "" && strings.Contains(u.Fragment, "=") {
		seen.Fragment, seen.RawFragment = c.listQuery(u.Fragment), ""
	}
	if u.Opaque != "" && strings.ContainsAny(u.Opaque, "@?") {
		seen.Opaque = redacted
	}
	return &seen
}

func (c *config) listQuery(query string) string {
	all, _ := url.ParseQuery(query) // what cannot be read is left out
	q, _ := c.list(all)
	values, _ := asValues(q)
	return url.Values(values).Encode()
}

var valuesType = reflect.TypeFor[map[string][]string]()

// asValues returns v as what http.Header and url.Values are underneath.
func asValues(v any) (map[string][]string, bool) {
	if m, ok := v.(map[string][]string); ok {
		return m, true
	}
	r := reflect.ValueOf(v)
	if !r.IsValid() || r.Kind() != reflect.Map || !r.CanConvert(valuesType) {
		return nil, false
	}
	m, ok := r.Convert(valuesType).Interface().(map[string][]string)
	return m, ok
}
