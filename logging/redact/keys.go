// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"math"
	"strings"
	"unicode/utf8"
)

// IsSecret reports whether the value under key must be redacted as a whole.
//
// It looks at the first letter first, because it is called for every field.
func (r *Redactor) IsSecret(key string) bool {
	return key != "" && r.first>>firstLetter(key)&1 != 0 && containsFold(r.keys, key)
}

// firstLetter returns a number below 32 that is the same for a letter in both cases, and 0 for
// non-ASCII, which may fold to anything.
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
