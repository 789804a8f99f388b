// SPDX-License-Identifier: Apache-2.0

package text

import (
	"strings"
	"unicode/utf8"
)

// Valid returns s, at most limit bytes of it, as valid UTF-8: one attribute that is
// not makes an OTLP exporter lose the whole batch.
func Valid(s string, limit int) string {
	s = Cut(s, limit)
	if utf8.ValidString(s) {
		return s
	}
	return Cut(strings.ToValidUTF8(s, "\uFFFD"), limit) // which is up to three times as long
}

// Cut returns at most limit bytes of s, and no half of a character.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
