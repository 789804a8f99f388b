// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"strconv"
	"strings"
)

// maxPath is how much of a URL's path is read, in bytes.
const maxPath = 1024

// appendCall writes what is called: the procedure, or the method, the host and the path. In the path
// each segment that looks like an id becomes {}. The query is left out. If the span names no target,
// nothing is written.
func (f *facts) appendCall(to []byte) []byte {
	if f.procedure != "" {
		if f.service != "" {
			to = append(append(to, f.service...), '/')
		}
		return append(to, f.procedure...)
	}
	host, path := split(f.url)
	if host == "" {
		if host = f.address; host != "" && f.port != 0 {
			host += ":" + strconv.FormatInt(f.port, 10)
		}
	}
	if host == "" {
		return to
	}
	to = append(append(append(to, f.method...), ' '), host...)
	if f.template != "" {
		return append(to, f.template...)
	}
	return appendPath(to, path)
}

// split returns the host and the path of a URL, and nothing else.
func split(url string) (host, path string) {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return "", ""
	}
	if at := strings.IndexAny(rest, "?#"); at >= 0 {
		rest = rest[:at]
	}
	host, path = rest, ""
	if at := strings.IndexByte(rest, '/'); at >= 0 {
		host, path = rest[:at], rest[at:]
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	return host, path
}

func appendPath(to []byte, path string) []byte {
	if len(path) > maxPath {
		path = path[:maxPath]
	}
	for path != "" {
		path = path[1:] // the slash
		segment := path
		if at := strings.IndexByte(path, '/'); at >= 0 {
			segment = path[:at]
		}
		path = path[len(segment):]
		to = append(to, '/')
		if isID(segment) {
			segment = "{}"
		}
		to = append(to, segment...)
	}
	return to
}

// isID reports whether a segment of a path looks like an id: it begins with a digit, or is long and
// has digits.
func isID(segment string) bool {
	if segment == "" {
		return false
	}
	return isDigit(segment[0]) || len(segment) >= 8 && strings.ContainsAny(segment, "0123456789")
}
