// SPDX-License-Identifier: Apache-2.0

package jobs

const maxRequestID = 128

// validRequestID tells an id that may go into logs and headers as it is: 1 to 128
// characters of [A-Za-z0-9._~+/=:-].
func validRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		if !requestIDChar(id[i]) {
			return false
		}
	}
	return true
}

func requestIDChar(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case '.', '_', '~', '+', '/', '=', ':', '-':
		return true
	}
	return false
}
