// SPDX-License-Identifier: Apache-2.0

package httpconv

import (
	"slices"
	"strings"
)

// Scheme is a scheme of HTTP, as a number to save memory: every request in flight has one.
type Scheme uint8

var schemes = []string{"http", "https", "ws", "wss"}

// SchemeOf returns the scheme that a proxy, or a client that claims to be one, names. It is on
// metrics, so if the name is not a scheme of HTTP, the connection's scheme is used.
func SchemeOf(named string, encrypted bool) Scheme {
	if i := slices.Index(schemes, named); i >= 0 {
		return Scheme(i)
	}
	lower := strings.ToLower(named[:min(len(named), len("https")+1)])
	if i := slices.Index(schemes, lower); i >= 0 {
		return Scheme(i)
	}
	if encrypted {
		return 1
	}
	return 0
}

// String returns url.scheme.
func (s Scheme) String() string { return schemes[s] }
