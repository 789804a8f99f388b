// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"
)

// Inbound is what only the framework knows about an incoming request. Options of this package,
// which the user has set, win over it.
type Inbound struct {
	// Route is http.route; "" if it is not known yet.
	Route string
	// Scheme is url.scheme: http, https, ws or wss. For any other value, including "", it is https
	// if the connection is encrypted, else http.
	Scheme string
	// Client is client.address; "" means the peer's address.
	Client string
	// SpanName is called when the span starts, and again if the route becomes known later. If it is
	// nil or returns "", the name follows the conventions.
	SpanName func() string
	// Attributes are on the span from its start, and win over the conventions'.
	Attributes []attribute.KeyValue
}

// complete replaces what the framework says about r with what the options say.
func (in *Inbound) complete(i *Instrumentation, r *http.Request) {
	in.Route = i.routeOf(r, in.Route)
	if i.scheme != nil {
		in.Scheme = i.scheme(r)
	}
	if i.client != nil {
		in.Client = i.client(r)
	}
	if i.spanName != nil {
		in.SpanName = i.nameOf(r, in.SpanName)
	}
	if i.spanAttributes != nil {
		in.Attributes = append(in.Attributes[:len(in.Attributes):len(in.Attributes)], i.spanAttributes(r)...)
	}
}

func (i *Instrumentation) nameOf(r *http.Request, framework func() string) func() string {
	return func() string {
		if name := i.spanName(r); name != "" || framework == nil {
			return name
		}
		return framework()
	}
}

// routeOf returns the route from WithRoute, else the framework's.
func (i *Instrumentation) routeOf(r *http.Request, known string) string {
	if i.route != nil {
		return i.route(r)
	}
	return known
}
