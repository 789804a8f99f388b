// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// attributes adds what the conventions want to know about a request before it is handled, for
// samplers to see.
func (x *Exchange) attributes(all []attribute.KeyValue) []attribute.KeyValue {
	r, s := x.incoming, x.inst
	x.path = httpconv.Path(r.URL)
	all = append(all, x.route.method.Attribute, semconv.URLScheme(x.scheme.String()), semconv.URLPath(x.path))
	if !x.route.method.Known {
		all = append(all, semconv.HTTPRequestMethodOriginal(httpconv.Text(r.Method, httpconv.MaxMethod)))
	}
	if x.route.path != "" {
		all = append(all, x.route.attr)
	}
	if r.URL != nil && r.URL.RawQuery != "" {
		all = append(all, semconv.URLQuery(httpconv.Query(r.URL.RawQuery, &s.query)))
	}
	all = x.appendServer(all)
	all = x.appendNetwork(all)
	if agent := r.UserAgent(); agent != "" {
		all = append(all, semconv.UserAgentOriginal(httpconv.Text(agent, httpconv.MaxHeader)))
	}
	return appendRequestHeaders(all, s.capturedRequest, r)
}

func (x *Exchange) appendServer(all []attribute.KeyValue) []attribute.KeyValue {
	if x.inst.address.Valid() {
		return x.inst.appendServerName(all)
	}
	host, port := httpconv.HostPort(x.incoming.Host)
	if host == "" {
		return all
	}
	all = append(all, semconv.ServerAddress(host))
	if port != 0 && !httpconv.DefaultPort(x.scheme.String(), port) {
		all = append(all, semconv.ServerPort(port))
	}
	return all
}

// unnamed is the peer on a Unix socket that has not bound its own end, as clients do not: it is not
// an address. The address of a peer with a name is that name.
const unnamed = "@"

func (x *Exchange) appendNetwork(all []attribute.KeyValue) []attribute.KeyValue {
	peer, port := httpconv.HostPort(x.incoming.RemoteAddr)
	if peer == unnamed {
		peer = ""
	}
	if peer != "" {
		all = append(all, semconv.NetworkPeerAddress(peer))
	}
	if port != 0 {
		all = append(all, semconv.NetworkPeerPort(port))
	}
	if x.client == "" {
		x.client = peer
	}
	x.client = httpconv.Line(x.client, httpconv.MaxAddress)
	if x.client != "" {
		all = append(all, semconv.ClientAddress(x.client))
	}
	if version := x.version(); version != "" {
		all = append(all, semconv.NetworkProtocolVersion(version))
	}
	return all
}

// appendServerName adds the configured name. The Host header is under the client's control: on a
// metric it would make a time series for whatever a scanner sends.
func (i *Instrumentation) appendServerName(all []attribute.KeyValue) []attribute.KeyValue {
	if i.address.Valid() {
		all = append(all, i.address)
		if i.port != 0 {
			all = append(all, semconv.ServerPort(i.port))
		}
	}
	return all
}

// version returns network.protocol.version.
func (x *Exchange) version() string {
	return httpconv.Protocol(x.incoming.ProtoMajor, x.incoming.ProtoMinor)
}
