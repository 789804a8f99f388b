// SPDX-License-Identifier: Apache-2.0

package jobs

import "strings"

// escape makes b fit for every kind of header, gRPC's being the narrowest: what is
// not visible ASCII, and the percent sign, becomes %XX. Spaces too, because HTTP
// trims them at the ends and there is no agreement on folding.
func escape(b []byte) string {
	const digits = "0123456789ABCDEF"
	var s strings.Builder
	s.Grow(len(b))
	for _, c := range b {
		if plain(c) {
			s.WriteByte(c)
			continue
		}
		s.WriteByte('%')
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}

func plain(c byte) bool { return c > ' ' && c <= '~' && c != '%' }

// unescape reads what escape writes and nothing else: a stray percent sign or a
// character that had to be escaped means that something has changed the value.
func unescape(s string) (b []byte, ok bool) {
	b = make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if plain(c) {
			b = append(b, c)
			continue
		}
		if c != '%' || i+2 >= len(s) {
			return nil, false
		}
		high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
		if high > 15 || low > 15 {
			return nil, false
		}
		b = append(b, high<<4|low)
		i += 2
	}
	return b, true
}

// hexDigit returns more than 15 for what is no digit.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}
