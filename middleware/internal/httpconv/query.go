// SPDX-License-Identifier: Apache-2.0

package httpconv

import (
	"net/url"
	"slices"
	"strings"
)

// DefaultRedacted are the query parameters whose values the conventions want out
// of url.query: signatures and credentials of presigned URLs.
var DefaultRedacted = []string{
	"X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token",
	"AWSAccessKeyId", "Signature", "sig", "X-Goog-Signature",
}

const redacted = "REDACTED"

// maxRaw is how much of a query is looked at: it may be a megabyte. A value that is
// cut here is redacted like a whole one.
const maxRaw = 4 * MaxQuery

// Query returns url.query: raw without the values of the parameters in secret,
// whose names are compared as the server would read them, decoded.
func Query(raw string, secret []string) string {
	raw = raw[:min(len(raw), maxRaw)]
	for at := 0; at < len(raw); {
		end := len(raw)
		if i := strings.IndexByte(raw[at:], '&'); i >= 0 {
			end = at + i
		}
		if isSecret(raw[at:end], secret) {
			return Text(redactFrom(raw, at, secret), MaxQuery)
		}
		at = end + 1
	}
	return Text(raw, MaxQuery)
}

// redactFrom is Query where the parameter at at is the first secret one.
func redactFrom(raw string, at int, secret []string) string {
	var b strings.Builder
	b.Grow(len(raw) + len(redacted))
	b.WriteString(raw[:at])
	for i, parameter := range strings.Split(raw[at:], "&") {
		if i > 0 {
			b.WriteByte('&')
		}
		if isSecret(parameter, secret) {
			name, _, _ := strings.Cut(parameter, "=")
			parameter = name + "=" + redacted
		}
		b.WriteString(parameter)
	}
	return b.String()
}

// isSecret reports whether parameter is one of secret and has a value.
func isSecret(parameter string, secret []string) bool {
	name, value, _ := strings.Cut(parameter, "=")
	if value == "" {
		return false
	}
	if strings.ContainsAny(name, "%+") {
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
	}
	return slices.Contains(secret, name)
}
