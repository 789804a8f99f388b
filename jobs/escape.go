// SPDX-License-Identifier: Apache-2.0

package jobs

import "strings"

// escape makes b valid for every kind of header; gRPC's are the strictest. The percent sign and
// every byte that is not visible ASCII become %XX, including spaces, because HTTP trims them at the
// ends and there is no agreement on folding.
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

// unescape accepts only what escape writes: a stray percent sign, or a character that should have
// been escaped, means that something has changed the value.
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

// hexDigit returns more than 15 if c is not a digit.
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
