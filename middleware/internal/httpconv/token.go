// SPDX-License-Identifier: Apache-2.0

package httpconv

import "strings"

// Token reports whether s is a token of RFC 9110, section 5.6.2: what the name of
// a header is.
func Token(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
