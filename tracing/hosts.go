// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"net/url"
	"strings"
)

// hosts are the patterns of hosts that may receive something, as WithBaggageTo takes them.
type hosts []hostPattern

type hostPattern struct {
	name string // lower case; for "*.", the suffix of the subdomains with its dot; "" is every host
	port string // "" is any
	sub  bool
}

// newHosts panics, with the name of option: a pattern that can never match would silently withhold
// baggage.
func newHosts(option string, patterns []string) hosts {
	list := make(hosts, 0, len(patterns))
	for _, p := range patterns {
		h, problem := parseHost(p)
		if problem != "" {
			panic("tracing: " + option + `("` + p + `"): ` + problem)
		}
		list = append(list, h)
	}
	return list
}

func parseHost(pattern string) (h hostPattern, problem string) {
	const cure = `; write "api.example.com", "*.example.com", "localhost:8080" or "*"`
	if strings.Contains(pattern, "/") {
		return h, "a host, not a URL" + cure
	}
	rest, sub := strings.CutPrefix(pattern, "*")
	if rest == "" && sub {
		return hostPattern{sub: true}, ""
	}
	u, err := url.Parse("//" + rest)
	if err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Hostname() == "" {
		return h, "not a host" + cure
	}
	h = hostPattern{name: canonicalHost(u.Hostname()), port: u.Port(), sub: sub}
	switch {
	case strings.Contains(h.name, "*"):
		return h, "a star stands in front, for any subdomain" + cure
	case sub && (!strings.HasPrefix(h.name, ".") || len(h.name) == 1):
		return h, "a star is followed by a dot" + cure
	}
	return h, ""
}

// canonicalHost returns name in the form in which names are compared: in lower case, without a
// trailing dot.
func canonicalHost(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// allow reports whether u leads to one of hs.
func (hs hosts) allow(u *url.URL) bool {
	if len(hs) == 0 || u == nil {
		return false
	}
	name, port := canonicalHost(u.Hostname()), portOf(u)
	for _, h := range hs {
		if h.port != "" && h.port != port {
			continue
		}
		if h.name == name && !h.sub || h.sub && len(name) > len(h.name) && strings.HasSuffix(name, h.name) {
			return true
		}
	}
	return false
}

// portOf returns u's port, or the one its scheme implies, "" if that is unknown.
func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	switch u.Scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}
