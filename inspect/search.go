// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"strings"
)

// contains looks for a lower-case word in everything the request's spans and lines say. They are
// searched in their encoded form, where every string is plain UTF-8: decoding what does not match
// would cost a hundred times as much.
func (it *item) contains(word string) bool {
	for _, p := range it.parts {
		if p.trace.valid() && strings.Contains(p.trace.String(), word) {
			return true
		}
		for _, s := range p.spans {
			if foldContains(s.raw, word) || containsFold(s.origin.Value().service, word) || containsFold(s.requestID, word) || s.spanRef.span.String() == word {
				return true
			}
		}
		for _, l := range p.logs {
			if foldContains(l.raw, word) {
				return true
			}
		}
	}
	return false
}

func containsFold(s, lower string) bool { return foldContains(s, lower) }

// foldContains reports whether s has the lower-case word in it, ASCII letters in either case. Other
// letters match as they are written. It stays linear on text made to slow it down: each of the two
// cursors only moves forward.
func foldContains[T string | []byte](s T, word string) bool {
	if word == "" {
		return true
	}
	lo, up := -1, -1
	for i := 0; len(s)-i >= len(word); i++ {
		lo = nextByte(s, word[0], lo, i)
		up = nextByte(s, upper(word[0]), up, i)
		i = min(lo, up)
		if len(s)-i < len(word) {
			return false
		}
		if equalFold(s[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// nextByte returns the first c at or after from, or len(s); at is an earlier answer.
func nextByte[T string | []byte](s T, c byte, at, from int) int {
	if at >= from {
		return at
	}
	var i int
	switch s := any(s[from:]).(type) {
	case string:
		i = strings.IndexByte(s, c)
	case []byte:
		i = bytes.IndexByte(s, c)
	}
	if i < 0 {
		return len(s)
	}
	return from + i
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func equalFold[T string | []byte](s T, word string) bool {
	for i := range len(word) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
