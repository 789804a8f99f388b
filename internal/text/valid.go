// SPDX-License-Identifier: Apache-2.0

package text

import (
	"strings"
	"unicode/utf8"
)

// Valid returns at most limit bytes of s, as valid UTF-8: a single invalid attribute makes an OTLP
// exporter lose the whole batch.
func Valid(s string, limit int) string {
	s = Cut(s, limit)
	if utf8.ValidString(s) {
		return s
	}
	return Cut(strings.ToValidUTF8(s, "\uFFFD"), limit) // the result is up to three times as long
}

// Cut returns at most limit bytes of s, without cutting a character.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
