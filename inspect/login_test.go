// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
)

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

func login(h http.Handler, token string) *httptest.ResponseRecorder {
	r := newRequest("POST", "/inspect/login", []byte(url.Values{"token": {token}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(h, r)
}
