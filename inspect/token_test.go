// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/asynclocal/asynclocal/inspect"
)

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
