// SPDX-License-Identifier: Apache-2.0

package text

import "strings"

// KnownMethods are the methods of RFC 9110, with PATCH (RFC 5789) and QUERY. Any other is shown as
// _OTHER, unless it is asked for. They are literals because packages below this one do not import
// net/http.
var KnownMethods = []string{
	"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
}

// IsToken reports whether s is a token of RFC 9110, section 5.6.2, as header names and methods are.
func IsToken(s string) bool {
	for _, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// MaxRequestID is the maximum length of a request id from outside.
const MaxRequestID = 128

var requestIDByte = func() (ok [256]bool) {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/=:-"
	for _, c := range []byte(allowed) {
		ok[c] = true
	}
	return ok
}()

// IsRequestID reports whether id, from an untrusted source, may be a request id: 1 to 128
// characters of [A-Za-z0-9._~+/=:-]. None of them is special in a log, a header, a shell or a page.
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
