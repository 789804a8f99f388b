// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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

// Nothing in a request tells a local process from a stranger behind a plain proxy, so by default
// neither is let in.
func TestByDefaultATokenIsNeededFromHereToo(t *testing.T) {
	t.Parallel()
	insp := inspect.New()
	defer insp.Close()
	other := inspect.New()
	defer other.Close()
	if len(insp.Token()) < 26 || insp.Token() == other.Token() {
		t.Errorf("tokens %q and %q", insp.Token(), other.Token())
	}
	for _, path := range []string{"/", "/api/requests", "/api/requests/x", "/api/spans/x/y", "/api/stats", "/api/stream", "/requests/x"} {
		if w := do(insp, newRequest("GET", "/inspect"+path, nil)); w.Code != 401 {
			t.Errorf("%s without the token: %d", path, w.Code)
		}
	}
	for _, path := range []string{"traces", "logs", "metrics"} {
		r := newRequest("POST", "/inspect/v1/"+path, nil)
		r.Header.Set("Content-Type", "application/x-protobuf")
		if w := do(insp, r); w.Code != 401 {
			t.Errorf("%s without the token: %d", path, w.Code)
		}
		r.Header.Set("Authorization", "Bearer "+insp.Token())
		if w := do(insp, r); w.Code != 200 {
			t.Errorf("%s with the token: %d %s", path, w.Code, w.Body)
		}
	}
	if got, want := insp.Link("http://127.0.0.1:8080/"), "http://127.0.0.1:8080/inspect/#token="+insp.Token(); got != want {
		t.Errorf("link %q, want %q", got, want)
	}
	open := inspect.New(inspect.WithToken(token), inspect.WithoutToken())
	defer open.Close()
	if open.Token() != "" || open.Link("http://localhost") != "http://localhost/inspect/" {
		t.Errorf("the later option has not won: %q %q", open.Token(), open.Link("http://localhost"))
	}
	again := inspect.New(inspect.WithoutToken(), inspect.WithToken(token))
	defer again.Close()
	if again.Token() != token {
		t.Errorf("the later option has not won: %q", again.Token())
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
		"a scheme in lower case":   {"203.0.113.9:1000", "bearer " + token, 200},
		"a scheme in upper case":   {"203.0.113.9:1000", "BEARER   " + token, 200},
		"a scheme alone":           {"203.0.113.9:1000", "Bearer", 401},
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

// Other applications of the host have cookies, too, and a browser sends all of them.
func TestOneOfSeveralCookiesIsEnough(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithToken(token))
	defer insp.Close()
	c := login(insp, token).Result().Cookies()[0]
	r := newRequest("GET", "/inspect/", nil)
	r.AddCookie(&http.Cookie{Name: c.Name, Value: "of another path"})
	r.AddCookie(c)
	r.AddCookie(&http.Cookie{Name: c.Name, Value: "of yesterday"})
	if w := do(insp, r); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
	again := inspect.New(inspect.WithToken(token))
	defer again.Close()
	if w := do(again, r); w.Code != 401 {
		t.Errorf("a cookie of another process is good: %d", w.Code)
	}
}

func TestTheCookieIsSecureWhereTheBrowserSpeaksTLS(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header, value string
		secure        bool
	}{
		"plain":                       {"Origin", "http://inspect.example.com", false},
		"a proxy that says nothing":   {"Origin", "https://inspect.example.com", true},
		"a proxy that says it":        {"X-Forwarded-Proto", "https", true},
		"a proxy that says it anew":   {"Forwarded", "for=192.0.2.1;proto=HTTPS", true},
		"a proxy without TLS":         {"X-Forwarded-Proto", "http", false},
		"an origin that is no origin": {"Origin", "null", false},
	} {
		insp := inspect.New(inspect.WithToken(token))
		r := newRequest("POST", "/inspect/login", []byte(url.Values{"token": {token}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(c.header, c.value)
		cookies := do(insp, r).Result().Cookies()
		if len(cookies) != 1 || cookies[0].Secure != c.secure {
			t.Errorf("%s: %v, want secure %v", name, cookies, c.secure)
		}
		insp.Close()
	}
}

func TestGuessesAreThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		insp := inspect.New(inspect.WithToken(token))
		defer insp.Close()
		bearer := func(peer, token string) int {
			r := newRequest("GET", "/inspect/api/stats", nil)
			r.RemoteAddr = peer
			r.Header.Set("Authorization", "Bearer "+token)
			return do(insp, r).Code
		}
		session := login(insp, token).Result().Cookies()[0]
		for i := range 10 {
			if code := login(insp, "wrong").Code; code != 401 {
				t.Fatalf("guess %d: %d", i, code)
			}
		}
		for name, got := range map[string]int{
			"one more":                login(insp, "wrong").Code,
			"the right one":           login(insp, token).Code,
			"a bearer":                bearer("127.0.0.1:7", "wrong"),
			"the right bearer":        bearer("127.0.0.1:7", token),
			"from another connection": bearer("127.0.0.1:8", "wrong"),
		} {
			if got != http.StatusTooManyRequests {
				t.Errorf("%s: %d, want 429", name, got)
			}
		}
		if got := bearer("192.0.2.7:1", token); got != 200 {
			t.Errorf("another client: %d", got)
		}
		r := newRequest("GET", "/inspect/", nil)
		r.AddCookie(session)
		if w := do(insp, r); w.Code != 200 {
			t.Errorf("who is logged in: %d", w.Code)
		}
		time.Sleep(2100 * time.Millisecond)
		if got := login(insp, "wrong").Code; got != 401 {
			t.Errorf("two seconds later: %d", got)
		}
		if got := login(insp, token).Code; got != 429 {
			t.Errorf("twice, two seconds later: %d", got)
		}
		time.Sleep(2100 * time.Millisecond)
		if got := login(insp, token).Code; got != http.StatusSeeOther {
			t.Errorf("the right one, later: %d", got)
		}
		// From a thousand addresses it goes no faster than from all together.
		tried := 0
		for i := range 5000 {
			if bearer(fmt.Sprintf("[2001:db8:%x::1]:1", i), "wrong") == 401 {
				tried++
			}
		}
		if tried > 100 {
			t.Errorf("%d guesses from as many addresses", tried)
		}
		// Meanwhile who is new has to wait, and who was right before has not.
		if got := bearer("192.0.2.8:1", token); got != 429 {
			t.Errorf("a new client: %d", got)
		}
		if got := bearer("192.0.2.7:1", token); got != 200 {
			t.Errorf("a known client: %d", got)
		}
	})
}

// A stranger whom a proxy on this machine serves has the proxy's address, which is that of the exporters of
// this machine, too.
func TestWhoGuessesThroughAProxyDoesNotKeepOthersOut(t *testing.T) {
	t.Parallel()
	insp := inspect.New(inspect.WithToken(token))
	defer insp.Close()
	bearer := func(token string, through bool) int {
		r := newRequest("GET", "/inspect/api/stats", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if through {
			r.Header.Set("X-Forwarded-For", "203.0.113.9")
		}
		return do(insp, r).Code
	}
	for range 20 {
		bearer("wrong", true)
	}
	if got := bearer(token, true); got != 429 {
		t.Errorf("through the proxy: %d", got)
	}
	if got := bearer(token, false); got != 200 {
		t.Errorf("of this machine: %d", got)
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

// Cookies are a host's, whatever the port, and a machine has several programs with an inspector.
func TestInspectorsOnOneHostDoNotLogEachOtherOut(t *testing.T) {
	t.Parallel()
	jar := map[string]*http.Cookie{}
	var servers []*inspect.Inspector
	visit := func(i int, r *http.Request) *httptest.ResponseRecorder {
		r.Host = fmt.Sprintf("localhost:%d", 8080+i)
		for _, c := range jar {
			r.AddCookie(c)
		}
		w := do(servers[i], r)
		for _, c := range w.Result().Cookies() {
			jar[c.Name] = c
		}
		return w
	}
	for i := range 2 {
		servers = append(servers, inspect.New())
		t.Cleanup(func() { _ = servers[i].Close() })
		r := newRequest("POST", "/inspect/login", []byte(url.Values{"token": {servers[i].Token()}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		visit(i, r)
	}
	for i := range servers {
		if w := visit(i, newRequest("GET", "/inspect/", nil)); w.Code != 200 {
			t.Errorf("inspector %d: %d", i, w.Code)
		}
	}
	if len(jar) != 2 {
		t.Errorf("cookies %v", jar)
	}
}

// A generated token cannot be guessed, and strangers must not keep exporters out.
func TestAGeneratedTokenIsNotThrottledForExporters(t *testing.T) {
	t.Parallel()
	insp := inspect.New()
	defer insp.Close()
	r := newRequest("GET", "/inspect/api/stats", nil)
	for range 200 {
		r.Header.Set("Authorization", "Bearer wrong")
		if w := do(insp, r); w.Code != 401 {
			t.Fatal(w.Code)
		}
	}
	r.Header.Set("Authorization", "Bearer "+insp.Token())
	if w := do(insp, r); w.Code != 200 {
		t.Error(w.Code)
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
