// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"net/url"
	"reflect"
	"strings"
)

// list returns what may be shown of v if it is one of the kinds that WithAllowed is about.
func (r *Redactor) list(v any) (any, bool) {
	switch u := v.(type) {
	case *url.URL:
		return r.listURL(u), u != nil
	case url.URL:
		return r.listURL(&u), true
	}
	values, ok := asValues(v)
	if !ok {
		return nil, false
	}
	seen := map[string][]string{}
	for name, list := range values {
		if containsFold(r.allowed, name) && !r.IsSecret(name) {
			seen[name] = list
		}
	}
	return seen, true
}

func (r *Redactor) listURL(u *url.URL) *url.URL {
	if u == nil {
		return nil
	}
	seen := *u
	if u.User != nil {
		seen.User = url.User(u.User.Username())
	}
	seen.RawQuery = r.listQuery(u.RawQuery)
	if u.Fragment != "" && strings.Contains(u.Fragment, "=") {
		seen.Fragment, seen.RawFragment = r.listQuery(u.Fragment), ""
	}
	if u.Opaque != "" && strings.ContainsAny(u.Opaque, "@?") {
		seen.Opaque = redacted
	}
	return &seen
}

func (r *Redactor) listQuery(query string) string {
	all, _ := url.ParseQuery(query) // what cannot be parsed is left out
	q, _ := r.list(all)
	values, _ := asValues(q)
	return url.Values(values).Encode()
}

var valuesType = reflect.TypeFor[map[string][]string]()

// asValues returns v as the underlying type of http.Header and url.Values.
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
