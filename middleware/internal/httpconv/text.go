// SPDX-License-Identifier: Apache-2.0

package httpconv

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/asynclocal/asynclocal/internal/text"
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
func Text(s string, limit int) string { return text.Valid(s, limit) }

// Line returns Text for a line of the log. Encoders escape the control characters
// of ASCII but for the last, and none of the others; a terminal obeys those too.
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

// unescaped reports whether r ends a line, or commands a terminal, and is written as
// it is by an encoder of JSON.
func unescaped(r rune) bool {
	return r >= 0x7f && unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// Path returns url.path: as in the request line, that is, escaped, where the
// decoded one would not be readable text.
func Path(u *url.URL) string {
	if u == nil {
		return ""
	}
	return Text(u.EscapedPath(), MaxPath)
}
