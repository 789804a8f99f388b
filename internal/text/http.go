// SPDX-License-Identifier: Apache-2.0

package text

import "strings"

// KnownMethods are the methods of RFC 9110, with PATCH (RFC 5789) and QUERY. Any other is
// shown as _OTHER, unless it is asked for. They stand as text: the packages below do without net/http.
var KnownMethods = []string{
	"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
}

// IsToken reports whether s is a token of RFC 9110, section 5.6.2: what the name of a header
// is, and a method.
func IsToken(s string) bool {
	for _, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// MaxRequestID is how long a request id may be that comes from outside.
const MaxRequestID = 128

var requestIDByte = func() (ok [256]bool) {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/=:-"
	for _, c := range []byte(allowed) {
		ok[c] = true
	}
	return ok
}()

// IsRequestID reports whether id, from a stranger, may be one: 1 to 128 characters of
// [A-Za-z0-9._~+/=:-]. None of them means anything to a log, a header, a shell or a page.
func IsRequestID(id string) bool {
	if id == "" || len(id) > MaxRequestID {
		return false
	}
	for i := range len(id) {
		if !requestIDByte[id[i]] {
			return false
		}
	}
	return true
}
