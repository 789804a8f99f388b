// SPDX-License-Identifier: Apache-2.0

package httpconv

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/asynclocal/asynclocal/internal/text"
)

// Maximum lengths of values, in bytes. A server reads a megabyte of headers: stored whole, one
// request would fill a span exporter's batch.
const (
	MaxPath      = 2048
	MaxQuery     = 2048
	MaxHeader    = 512
	MaxAddress   = 255 // the limit for a host name, RFC 1035
	MaxMethod    = 32
	MaxError     = 1024
	MaxErrorType = 128
)

// Text returns at most limit bytes of s, as valid UTF-8: a single invalid attribute makes an OTLP
// exporter lose the whole batch.
func Text(s string, limit int) string { return text.Valid(s, limit) }

// Line returns Text for a log line. Encoders escape the control characters of ASCII, except DEL,
// and no others; a terminal obeys those too.
func Line(s string, limit int) string {
	s = Text(s, limit)
	if isASCII(s) || strings.IndexFunc(s, unescaped) < 0 {
		return s
	}
	return text.Cut(strings.Map(func(r rune) rune {
		if unescaped(r) {
			return utf8.RuneError
		}
		return r
	}, s), limit)
}

// isASCII reports whether s is ASCII without DEL, as almost every address is.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// unescaped reports whether r ends a line or controls a terminal, and is written unescaped by a
// JSON encoder.
func unescaped(r rune) bool {
	return r >= 0x7f && unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// Path returns url.path: escaped, as in the request line, if the decoded path would not be readable
// text.
func Path(u *url.URL) string {
	if u == nil {
		return ""
	}
	return Text(u.EscapedPath(), MaxPath)
}
