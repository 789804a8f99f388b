// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// cookieName contains the port: cookies belong to a host, and several programs on localhost may
// have an inspector.
func cookieName(r *http.Request) string {
	const name = "asynclocal_inspect"
	_, port, err := net.SplitHostPort(r.Host)
	if n, bad := strconv.ParseUint(port, 10, 16); err == nil && bad == nil {
		return name + "_" + strconv.FormatUint(n, 10)
	}
	return name
}

// guard decides which clients may use the inspector.
type guard struct {
	token   string
	chosen  bool   // by a person, so it may be guessable
	session string // the value of the cookie
	guesses *throttle
}

func newGuard(c *config) guard {
	g := guard{token: c.token, chosen: c.token != "", guesses: newThrottle()}
	if c.open {
		return g
	}
	if g.token == "" {
		g.token = rand.Text()
	}
	// The salt of this process keeps a cookie from being made from a guess, which would be a second
	// way to try tokens, past the throttle.
	mac := hmac.New(sha256.New, []byte(g.token))
	mac.Write([]byte("inspect session " + rand.Text()))
	g.session = hex.EncodeToString(mac.Sum(nil))
	return g
}

// refusal says why a request is not served, and with which status.
type refusal struct {
	status int
	why    string
}

// allow returns why a request is refused, or nil.
func (g *guard) allow(r *http.Request) *refusal {
	if g.token == "" {
		if why := local(r); why != "" {
			return &refusal{http.StatusForbidden, why}
		}
		return nil
	}
	for _, c := range r.CookiesNamed(cookieName(r)) { // another application on the host may have set one, too
		if hmac.Equal([]byte(c.Value), []byte(g.session)) {
			return nil
		}
	}
	bearer, ok := bearerOf(r)
	if !ok {
		return &refusal{http.StatusUnauthorized, "a token is needed: Authorization: Bearer <token>"}
	}
	if g.chosen { // 128 random bits need no throttle
		return g.check(r, bearer, "the bearer is not the inspector's token")
	}
	if !g.isToken(bearer) {
		return &refusal{http.StatusUnauthorized, "the bearer is not the inspector's token"}
	}
	return nil
}

// foreign reports whether, according to the browser, a page of another origin has sent a request.
// Such a page could not read the answer, and has no cookie; this keeps it from causing work, or
// guessing tokens. It may link to the page.
func foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none": // from a program, the inspector's own page, or a person
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Method != http.MethodGet
}

// check compares a token with the inspector's, as often as the throttle lets the client. A client
// behind a proxy is a different client from the proxy's machine: a sender cannot remove a proxy's
// mark.
func (g *guard) check(r *http.Request, token, wrong string) *refusal {
	who := clientOf(r)
	if proxied(r) {
		who = "through " + who
	}
	if !g.guesses.allows(who) {
		return &refusal{http.StatusTooManyRequests, "too many wrong tokens, try again in a few seconds"}
	}
	if !g.isToken(token) {
		g.guesses.wrong(who)
		return &refusal{http.StatusUnauthorized, wrong}
	}
	g.guesses.right(who)
	return nil
}

func (g *guard) isToken(s string) bool {
	a, b := sha256.Sum256([]byte(s)), sha256.Sum256([]byte(g.token))
	return hmac.Equal(a[:], b[:])
}

// bearerOf returns the token of an Authorization header. The case of the scheme does not matter
// (RFC 9110, section 11.1).
func bearerOf(r *http.Request) (token string, ok bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

// overTLS reports whether the client speaks TLS, with this server or with a proxy. A plain proxy
// does not say so, but the browser does: it sends its page's origin with a form.
func overTLS(r *http.Request) bool {
	return r.TLS != nil ||
		strings.HasPrefix(strings.ToLower(r.Header.Get("Origin")), "https:") ||
		strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") ||
		strings.EqualFold(r.Header.Get("X-Forwarded-Ssl"), "on") ||
		strings.Contains(strings.ToLower(r.Header.Get("Forwarded")), "proto=https")
}
