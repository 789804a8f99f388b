// SPDX-License-Identifier: Apache-2.0

package text

import (
	"net/url"
	"slices"
	"strings"
)

// Redacted replaces a value that must not be shown.
const Redacted = "REDACTED"

// Query sets which parameters of a query keep their values. The zero Query, and nil, redact
// parameters that are known to be secrets: signatures, tokens, keys, passwords and the like.
type Query struct {
	Also    []string // redacted too, by their exact names
	Allowed []string // if Only is set, the names that keep their values
	Only    bool
}

// With returns q with more names to redact.
func (q Query) With(names []string) Query {
	q.Also = slices.Concat(q.Also, names)
	return q
}

// WithAllowed returns q with more names in the list of the only names that keep their values.
func (q Query) WithAllowed(names []string) Query {
	q.Allowed, q.Only = slices.Concat(q.Allowed, names), true
	return q
}

// hides reports whether the parameter name, decoded, is redacted.
func (q *Query) hides(name string) bool {
	switch {
	case q == nil:
		return isSecretName(name)
	case slices.Contains(q.Also, name):
		return true
	case q.Only:
		return !slices.Contains(q.Allowed, name)
	}
	return isSecretName(name)
}

// Redact returns raw, a query as it is in a URL, with secret values redacted. Names are compared
// decoded, as a server reads them; both "&" and ";" separate parameters, as some servers do.
func (q *Query) Redact(raw string) string {
	for at := 0; at < len(raw); {
		end := parameterEnd(raw, at)
		if q.isSecret(raw[at:end]) {
			return q.redactFrom(raw, at)
		}
		at = end + 1
	}
	return raw
}

func parameterEnd(raw string, at int) int {
	for i := at; i < len(raw); i++ {
		if raw[i] == '&' || raw[i] == ';' {
			return i
		}
	}
	return len(raw)
}

// redactFrom is Redact if the parameter at at is the first secret one.
func (q *Query) redactFrom(raw string, at int) string {
	var b strings.Builder
	b.Grow(len(raw) + len(Redacted))
	b.WriteString(raw[:at])
	for at <= len(raw) {
		end := parameterEnd(raw, at)
		parameter := raw[at:end]
		if q.isSecret(parameter) {
			name, _, _ := strings.Cut(parameter, "=")
			b.WriteString(name + "=" + Redacted)
		} else {
			b.WriteString(parameter)
		}
		if end < len(raw) {
			b.WriteByte(raw[end])
		}
		at = end + 1
	}
	return b.String()
}

// isSecret reports whether parameter has a value that is redacted.
func (q *Query) isSecret(parameter string) bool {
	name, value, _ := strings.Cut(parameter, "=")
	if value == "" {
		return false
	}
	if strings.ContainsAny(name, "%+") {
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
	}
	return q.hides(name)
}
