// SPDX-License-Identifier: Apache-2.0

package httpconv

import (
	"slices"
	"strings"
)

// Scheme is one of HTTP's: a number, for every request in flight has one.
type Scheme uint8

var schemes = []string{"http", "https", "ws", "wss"}

// SchemeOf returns the scheme where a proxy, or what says that it is one, names it. It is
// on metrics, so that what is no scheme of HTTP is that of the connection.
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
