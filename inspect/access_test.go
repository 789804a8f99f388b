// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
)

func escape(id string) string { return url.PathEscape(id) }

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
		"an address nobody can read":    {"somewhere", "localhost:8080", "", 403},
		"no address":                    {"", "localhost:8080", "", 403},
		"a proxy on this machine":       {"127.0.0.1:1000", "localhost:8080", "X-Forwarded-For", 403},
		"another proxy on this machine": {"127.0.0.1:1000", "localhost:8080", "Forwarded", 403},
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

const token = "correct horse battery staple"

func TestWithATokenItIsNeededFromEverywhere(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithToken(token))
	defer insp.Close()
	for name, c := range map[string]struct {
		peer, auth string
		want       int
	}{
		"from afar with the token": {"203.0.113.9:1000", "Bearer " + token, 200},
		"from here with the token": {"127.0.0.1:1000", "Bearer " + token, 200},
		"from here without":        {"127.0.0.1:1000", "", 401},
		"a wrong token":            {"203.0.113.9:1000", "Bearer wrong", 401},
		"a prefix of the token":    {"203.0.113.9:1000", "Bearer " + token[:8], 401},
		"an empty token":           {"203.0.113.9:1000", "Bearer ", 401},
		"another scheme":           {"203.0.113.9:1000", "Basic " + token, 401},
	} {
		r := httptest.NewRequest(http.MethodGet, "/inspect/api/requests", nil)
		r.RemoteAddr, r.Host = c.peer, "inspect.example.com"
		r.Header.Set("Authorization", c.auth)
		w := do(insp, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
		if w.Code == 401 && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: 401 without a challenge", name)
		}
	}
}

func TestABrowserLogsInOnce(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithToken(token))
	defer insp.Close()

	r := newRequest("GET", "/inspect/", nil)
	r.Header.Set("Accept", "text/html,*/*")
	if w := do(insp, r); w.Code != 401 || !strings.Contains(w.Body.String(), `<form method="post" action="/inspect/login">`) {
		t.Fatalf("no form: %d %s", w.Code, w.Body)
	}
	if w := login(insp, "wrong"); w.Code != 401 || len(w.Result().Cookies()) != 0 {
		t.Errorf("wrong token: %d %v", w.Code, w.Result().Cookies())
	}
	w := login(insp, token)
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/inspect/" || len(cookies) != 1 {
		t.Fatalf("login: %d %v", w.Code, cookies)
	}
	if c := cookies[0]; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/inspect" || strings.Contains(c.Value, token) {
		t.Errorf("cookie %+v", c)
	}
	r = newRequest("GET", "/inspect/", nil)
	r.AddCookie(cookies[0])
	if w := do(insp, r); w.Code != 200 {
		t.Errorf("with the cookie: %d", w.Code)
	}
	r.Header.Del("Cookie")
	r.AddCookie(&http.Cookie{Name: cookies[0].Name, Value: token})
	if w := do(insp, r); w.Code != 401 {
		t.Errorf("with a made-up cookie: %d", w.Code)
	}
}

func login(h http.Handler, token string) *httptest.ResponseRecorder {
	r := newRequest("POST", "/inspect/login", []byte(url.Values{"token": {token}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(h, r)
}

func TestEveryAnswerForbidsForeignScripts(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	for _, path := range []string{"/", "/requests/x", "/assets/list.js", "/api/requests", "/api/requests/x", "/nowhere"} {
		h := do(insp, newRequest("GET", "/inspect"+path, nil)).Header()
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe-") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestTheIDInAPagesAddressIsData(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithoutToken())
	defer insp.Close()
	w := do(insp, newRequest("GET", "/inspect/requests/"+escape(`"><script>alert(1)</script>`), nil))
	if body := w.Body.String(); strings.Contains(body, "<script>alert") || !strings.Contains(body, "&lt;script&gt;alert") {
		t.Errorf("%s", body)
	}
}
