// SPDX-License-Identifier: Apache-2.0

package httpconv

import "strings"

// HostPort splits a Host header, a server name or a RemoteAddr. The port is 0 if it is missing or
// invalid; brackets around an IPv6 address are removed. It does not check the host.
func HostPort(s string) (host string, port int) {
	host, rest := s, ""
	switch {
	case strings.HasPrefix(s, "["):
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return Text(s, MaxAddress), 0
		}
		host, rest = s[1:end], s[end+1:]
	case strings.Count(s, ":") == 1:
		i := strings.IndexByte(s, ':')
		host, rest = s[:i], s[i:]
	}
	if strings.HasPrefix(rest, ":") {
		port = parsePort(rest[1:])
	}
	return Text(host, MaxAddress), port
}

// IsServerName reports whether name is a host or host:port.
func IsServerName(name string) bool {
	if len(name) > MaxAddress || strings.ContainsAny(name, "/ \t\r\n@?#") {
		return false
	}
	host, port := HostPort(name)
	named := strings.Count(name, ":") == 1 || strings.Contains(name, "]:")
	return host != "" && host[0] != '[' && named == (port != 0)
}

func parsePort(s string) (port int) {
	if len(s) > 5 {
		return 0
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0
		}
		port = 10*port + int(c-'0')
	}
	if port > 65535 {
		return 0
	}
	return port
}

// DefaultPort reports whether port is the default port of scheme, which need not be named.
func DefaultPort(scheme string, port int) bool {
	switch scheme {
	case "http", "ws":
		return port == 80
	case "https", "wss":
		return port == 443
	}
	return false
}

// Protocol returns the network.protocol.version of a request: 1.0, 1.1, 2 or 3, or "" if it is not
// a version of HTTP.
func Protocol(major, minor int) string {
	switch {
	case major == 1 && minor == 1:
		return "1.1"
	case major == 2 && minor == 0:
		return "2"
	case major == 1 && minor == 0:
		return "1.0"
	case major == 3 && minor == 0:
		return "3"
	}
	return ""
}

// Route returns the http.route for a pattern of http.ServeMux: the path, without the method and the
// host before it.
func Route(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return ""
}
