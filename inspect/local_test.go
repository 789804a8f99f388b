// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
)

func TestWithoutATokenOnlyLocalProcessesAreAnswered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		peer, host string
		header     string
		want       int
	}{
		"IPv4 loopback":                 {"127.0.0.1:1000", "localhost:8080", "", 200},
		"another loopback address":      {"127.9.9.9:1000", "127.0.0.1:8080", "", 200},
		"IPv6 loopback":                 {"[::1]:1000", "[::1]:8080", "", 200},
		"IPv4 in IPv6":                  {"[::ffff:127.0.0.1]:1000", "localhost", "", 200},
		"a name below localhost":        {"127.0.0.1:1000", "shop.localhost:8080", "", 200},
		"the local network":             {"192.168.1.5:1000", "localhost:8080", "", 403},
		"the internet":                  {"203.0.113.9:1000", "localhost:8080", "", 403},
		"IPv6 from elsewhere":           {"[2001:db8::1]:1000", "localhost:8080", "", 403},
		"an address of no sense":        {"somewhere", "localhost:8080", "", 403},
		"no address":                    {"", "localhost:8080", "", 403},
		"a proxy on this machine":       {"127.0.0.1:1000", "localhost:8080", "X-Forwarded-For", 403},
		"another proxy on this machine": {"127.0.0.1:1000", "localhost:8080", "Forwarded", 403},
		"a proxy that says who it is":   {"127.0.0.1:1000", "localhost:8080", "Via", 403},
		"a network that says for whom":  {"127.0.0.1:1000", "localhost:8080", "CF-Connecting-IP", 403},
		"the same network's trace":      {"127.0.0.1:1000", "localhost:8080", "CF-Ray", 403},
		"another network":               {"127.0.0.1:1000", "localhost:8080", "True-Client-IP", 403},
		"another one":                   {"127.0.0.1:1000", "localhost:8080", "Fastly-Client-IP", 403},
		"a proxy's scheme":              {"127.0.0.1:1000", "localhost:8080", "X-Forwarded-Proto", 403},
		"a proxy's name for the client": {"127.0.0.1:1000", "localhost:8080", "X-Real-IP", 403},
		"a service mesh":                {"127.0.0.1:1000", "localhost:8080", "X-Envoy-External-Address", 403},
		"a tunnel":                      {"127.0.0.1:1000", "localhost:8080", "Tailscale-User-Login", 403},
		"a header of no proxy":          {"127.0.0.1:1000", "localhost:8080", "X-Request-Id", 200},
		"a rebound name":                {"127.0.0.1:1000", "attacker.example:8080", "", 403},
		"a name that ends like ours":    {"127.0.0.1:1000", "notlocalhost", "", 403},
		"an address that is not ours":   {"127.0.0.1:1000", "10.0.0.1:8080", "", 403},
		"no host":                       {"127.0.0.1:1000", "", "", 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			insp := inspect.New(inspect.WithoutToken())
			defer insp.Close()
			for _, path := range []string{"/inspect/", "/inspect/api/requests", "/inspect/assets/style.css"} {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.RemoteAddr, r.Host = c.peer, c.host
				if c.header != "" {
					r.Header.Set(c.header, "198.51.100.7")
				}
				if w := do(insp, r); w.Code != c.want {
					t.Errorf("%s: %d, want %d", path, w.Code, c.want)
				}
			}
			r := httptest.NewRequest(http.MethodPost, "/inspect/v1/traces", nil)
			r.RemoteAddr, r.Host = c.peer, c.host
			r.Header.Set("Content-Type", "application/x-protobuf")
			if c.header != "" {
				r.Header.Set(c.header, "198.51.100.7")
			}
			if w := do(insp, r); w.Code != c.want {
				t.Errorf("export: %d, want %d", w.Code, c.want)
			}
		})
	}
}

// A header that is there and empty is there: proxies that are told to hide the client send such.
func TestAnEmptyProxyHeaderIsAProxys(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "Via"} {
		r := newRequest("GET", "/inspect/", nil)
		r.Header[header] = []string{""}
		if w := do(insp, r); w.Code != 403 {
			t.Errorf("%s: %d, want 403", header, w.Code)
		}
	}
	r := newRequest("GET", "/inspect/", nil)
	r.Proto, r.ProtoMinor = "HTTP/1.0", 0
	if w := do(insp, r); w.Code != 403 {
		t.Errorf("HTTP/1.0, which proxies speak and browsers do not: %d, want 403", w.Code)
	}
}

// What browsers say of who has made them send something.
func TestPagesOfOtherSitesAreNotAnswered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		site, mode, method, path string
		want                     int
	}{
		"a person":                          {"none", "navigate", "GET", "/", 200},
		"the page itself":                   {"same-origin", "cors", "GET", "/api/stats", 200},
		"the page's export":                 {"same-origin", "cors", "POST", "/v1/traces", 200},
		"a program":                         {"", "", "GET", "/api/stats", 200},
		"a link elsewhere":                  {"cross-site", "navigate", "GET", "/", 200},
		"a link on another port":            {"same-site", "navigate", "GET", "/?q=x", 200},
		"a script elsewhere":                {"cross-site", "no-cors", "GET", "/api/requests", 403},
		"a script on another port":          {"same-site", "cors", "GET", "/api/requests", 403},
		"an export by another site":         {"cross-site", "no-cors", "POST", "/v1/traces", 403},
		"an export by another port":         {"same-site", "cors", "POST", "/v1/logs", 403},
		"a form elsewhere":                  {"cross-site", "navigate", "POST", "/login", 403},
		"an inspector's asset on a page":    {"cross-site", "no-cors", "GET", "/assets/list.js", 403},
		"something that is said to be none": {"nonsense", "cors", "GET", "/api/stats", 403},
	} {
		for _, opt := range []inspect.Option{inspect.WithoutToken(), inspect.WithToken(token)} {
			insp := inspect.New(opt)
			r := newRequest(c.method, "/inspect"+c.path, nil)
			r.Header.Set("Content-Type", "application/x-protobuf")
			r.Header.Set("Authorization", "Bearer "+token)
			if c.site != "" {
				r.Header.Set("Sec-Fetch-Site", c.site)
				r.Header.Set("Sec-Fetch-Mode", c.mode)
			}
			if w := do(insp, r); w.Code != c.want {
				t.Errorf("%s: %d, want %d", name, w.Code, c.want)
			}
			insp.Close()
		}
	}
}
