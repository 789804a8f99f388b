// SPDX-License-Identifier: Apache-2.0

package httpconv

import "strings"

// Scheme returns url.scheme where a proxy, or whoever says to be one, names scheme.
// It is on metrics, so that what is no scheme of HTTP is that of the connection.
func Scheme(scheme string, encrypted bool) string {
	switch scheme {
	case "http", "https", "ws", "wss":
		return scheme
	}
	switch lower := strings.ToLower(scheme[:min(len(scheme), len("https")+1)]); lower {
	case "http", "https", "ws", "wss":
		return lower
	}
	if encrypted {
		return "https"
	}
	return "http"
}
