// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

const cookieName = "asynclocal_inspect"

// guard decides who may talk to the inspector.
type guard struct {
	token  string
	cookie string // derived from the token, so that a leaked cookie does not reveal it
}

func newGuard(token string) guard {
	g := guard{token: token}
	if token != "" {
		mac := hmac.New(sha256.New, []byte(token))
		mac.Write([]byte("inspect session"))
		g.cookie = hex.EncodeToString(mac.Sum(nil))
	}
	return g
}

// allow returns why a request is refused, or "".
func (g *guard) allow(r *http.Request) string {
	if g.token == "" {
		return local(r)
	}
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && g.isToken(bearer) {
		return ""
	}
	if c, err := r.Cookie(cookieName); err == nil && hmac.Equal([]byte(c.Value), []byte(g.cookie)) {
		return ""
	}
	return "a token is needed: Authorization: Bearer <token>"
}

func (g *guard) isToken(s string) bool {
	a, b := sha256.Sum256([]byte(s)), sha256.Sum256([]byte(g.token))
	return hmac.Equal(a[:], b[:])
}

// local refuses what is not sent by a process on this machine, on its own account. The peer address
// alone is not enough: a reverse proxy on this machine speaks for strangers, and so does a browser
// whose page had its own name resolve to 127.0.0.1 (DNS rebinding).
func local(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return "the inspector answers on the loopback interface only; expose it with inspect.WithToken"
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(h) != "" {
			return "the inspector does not answer through a proxy; expose it with inspect.WithToken"
		}
	}
	if !localHost(r.Host) {
		return "the inspector answers to localhost and loopback addresses only; expose it under a name with inspect.WithToken"
	}
	return ""
}

func localHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
