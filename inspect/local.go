// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// local refuses requests that, as far as they show, are not sent by a process on this machine on
// its own account. They cannot show enough: a plain reverse proxy on this machine that rewrites
// Host and adds nothing sends just what a local process would. This is the only check left if the
// application has said, with WithoutToken, that there is no such proxy.
func local(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return "the inspector answers on the loopback interface only; expose it with inspect.WithToken"
	}
	if proxied(r) {
		return "the inspector does not answer through a proxy without a token; expose it with inspect.WithToken"
	}
	if !localHost(r.Host) {
		return "the inspector answers to localhost and loopback addresses only; expose it under a name with inspect.WithToken"
	}
	return ""
}

// proxyHeaders are the headers in which proxies, and the networks in front of them, name the client
// or themselves, in addition to those with a prefix of proxyPrefixes.
var proxyHeaders = []string{
	"Forwarded", "Forwarded-For", "Via", "Cdn-Loop", "Client-Ip", "True-Client-Ip", "Proxy-Client-Ip", "Wl-Proxy-Client-Ip",
	"X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Originating-Ip", "X-Remote-Ip", "X-Remote-Addr", "X-Proxyuser-Ip",
	"X-Original-Forwarded-For", "X-Original-Host", "X-Original-Url", "X-Original-Uri", "X-Envoy-External-Address", "X-Envoy-Internal",
	"X-Azure-Clientip", "X-Azure-Ref", "X-Appengine-User-Ip", "X-Amzn-Trace-Id", "X-Amz-Cf-Id", "X-Cloud-Trace-Context",
	"Fastly-Client-Ip", "Fastly-Ff", "Fly-Client-Ip", "Ali-Cdn-Real-Ip", "X-Vercel-Id", "X-Varnish", "X-Arr-Log-Id", "X-Arr-Ssl",
}

// proxyPrefixes are the prefixes of families of such headers.
var proxyPrefixes = []string{"X-Forwarded", "Cf-", "Tailscale-", "Ngrok-", "Fly-", "X-Envoy-", "X-Azure-", "X-Appengine-", "X-Akamai-", "Akamai-"}

// proxied reports whether a proxy has left its mark. A header counts even if it is empty. So does
// HTTP/1.0: nginx speaks it to its upstreams by default, and no browser or exporter does.
func proxied(r *http.Request) bool {
	if r.ProtoMajor == 1 && r.ProtoMinor == 0 {
		return true
	}
	for _, h := range proxyHeaders {
		if _, there := r.Header[h]; there {
			return true
		}
	}
	for name := range r.Header {
		for _, prefix := range proxyPrefixes {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
	}
	return false
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

// clientOf returns what counts as one client: the peer's address; for IPv6, the network that one
// client has to itself. Headers do not count, because the client chooses them.
func clientOf(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a := peer.Addr().Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
