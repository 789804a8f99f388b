// SPDX-License-Identifier: Apache-2.0

package httpconv

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// Method is how a request method is shown.
type Method struct {
	Attribute attribute.KeyValue // http.request.method
	Value     string             // of the attribute: the method, or _OTHER
	Span      string             // in the span's name: the method, or HTTP
	// Known is false for a method that is shown as _OTHER.
	Known bool
}

// Methods are the known methods: every other one is shown as _OTHER, because a client may send any
// word at all, and each would be a new time series.
type Methods map[string]*Method

var other = &Method{
	Attribute: semconv.HTTPRequestMethodOther,
	Value:     semconv.HTTPRequestMethodOther.Value.AsString(),
	Span:      "HTTP",
}

// NewMethods returns the set of known methods; they are case-sensitive.
func NewMethods(known []string) Methods {
	m := make(Methods, len(known))
	for _, name := range known {
		m[name] = &Method{semconv.HTTPRequestMethodKey.String(name), name, name, true}
	}
	return m
}

// Lookup returns how method is shown. The empty method is GET, as in net/http.
func (m Methods) Lookup(method string) *Method {
	if method == "" {
		method = http.MethodGet
	}
	if known, ok := m[method]; ok {
		return known
	}
	return other
}
