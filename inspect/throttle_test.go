// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/inspect"
)

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
