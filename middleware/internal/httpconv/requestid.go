// SPDX-License-Identifier: Apache-2.0

package httpconv

// MaxRequestID is how long a request id may be that comes from outside.
const MaxRequestID = 128

var idByte = func() (ok [256]bool) {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/=:-"
	for _, c := range []byte(allowed) {
		ok[c] = true
	}
	return ok
}()

// ValidRequestID reports whether id, from a stranger, may be one: 1 to 128
// characters of [A-Za-z0-9._~+/=:-]. None of them means anything to a log, a
// header, a shell or a page.
func ValidRequestID(id string) bool {
	if id == "" || len(id) > MaxRequestID {
		return false
	}
	for i := range len(id) {
		if !idByte[id[i]] {
			return false
		}
	}
	return true
}
