// SPDX-License-Identifier: Apache-2.0

package httpconv

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// What a value may be long, in bytes. A server reads a megabyte of headers: kept
// whole, one request would fill a span exporter's batch.
const (
	MaxPath      = 2048
	MaxQuery     = 2048
	MaxHeader    = 512
	MaxAddress   = 255 // a host name's limit, RFC 1035
	MaxMethod    = 32
	MaxError     = 1024
	MaxErrorType = 128
)

// Text returns s, at most limit bytes of it, as valid UTF-8: one attribute that is
// not makes an OTLP exporter lose the whole batch.
func Text(s string, limit int) string {
	if len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s = s[:limit]
	}
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// Path returns url.path: as in the request line, that is, escaped, where the
// decoded one would not be readable text.
func Path(u *url.URL) string {
	if u == nil {
		return ""
	}
	return Text(u.EscapedPath(), MaxPath)
}
