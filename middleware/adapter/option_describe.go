// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"fmt"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/text"
)

// WithRoute sets how the route of a request, http.route, is found, for routers that
// do not set the Pattern of a request: with chi,
//
//	nethttp.WithRoute(func(r *http.Request) string { return chi.RouteContext(r.Context()).RoutePattern() })
//
// It is called when the request comes in and again when it has been handled, with
// the http.Request that the handler got; where it returns "" the route is not
// known. It has to be of few distinct values. The default is the path of
// r.Pattern.
//
// Between this middleware and the router there must be no http.TimeoutHandler: when the time is
// over the route is asked for while the router still writes it, which is a data race. Put
// the handler around single routes.
func WithRoute(route func(*http.Request) string) Option {
	function(route != nil, "WithRoute")
	return option(func(c *config) { c.route = route })
}

// WithScheme sets how the scheme of a request, url.scheme, is found, which behind a
// proxy is what the proxy says. The default, also where it is not one of http, https,
// ws and wss, is https if the connection is encrypted, else http.
func WithScheme(scheme func(*http.Request) string) Option {
	function(scheme != nil, "WithScheme")
	return option(func(c *config) { c.scheme = scheme })
}

// WithClientAddress sets how the client's address is found, which behind a proxy is
// what the proxy says. The default, also where it returns "", is the peer's.
func WithClientAddress(client func(*http.Request) string) Option {
	function(client != nil, "WithClientAddress")
	return option(func(c *config) { c.client = client })
}

// WithSpanNameFormatter sets the name of the span. It is called when the span
// starts, and again if the route becomes known later; where it returns "" the name
// is the default, the method and the route: "GET /orders/{id}".
func WithSpanNameFormatter(name func(*http.Request) string) Option {
	function(name != nil, "WithSpanNameFormatter")
	return option(func(c *config) { c.spanName = name })
}

// WithSpanAttributes adds attributes to the span when it starts, where samplers
// see them; they win over those of the conventions. The default is none.
func WithSpanAttributes(attributes func(*http.Request) []attribute.KeyValue) Option {
	function(attributes != nil, "WithSpanAttributes")
	return option(func(c *config) { c.spanAttributes = attributes })
}

// WithMetricAttributes adds attributes to the metrics of a request when it has been
// handled; those of the conventions win. Each distinct value is a time series of
// its own: take them from a fixed set. The default is none.
func WithMetricAttributes(attributes func(*http.Request) []attribute.KeyValue) Option {
	function(attributes != nil, "WithMetricAttributes")
	return option(func(c *config) { c.metricAttributes = attributes })
}

// WithKnownMethods sets which methods are shown as they are; all others are _OTHER,
// and HTTP in the span's name. It is what the conventions want to be settable as
// OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS, which a library does not read by itself.
// The default is those of RFC 9110, PATCH and QUERY.
func WithKnownMethods(methods ...string) Option {
	need(len(methods) > 0, "WithKnownMethods", " without a method", "name at least one, or leave the option out")
	for _, name := range methods {
		// Of an empty variable strings.Split makes a list of one empty method: then all would be _OTHER.
		need(text.IsToken(name), "WithKnownMethods", fmt.Sprintf(" names the method %q", name), "it takes methods as requests have them, like GET: "+
			"trim what is split from a list, and leave the option out where the list is empty")
	}
	methods = slices.Clone(methods)
	return option(func(c *config) { c.knownMethods = methods })
}

// WithRedactedQueryParameters adds query parameters whose values url.query shows as
// REDACTED. Names are case-sensitive. The default is those that are known to hold
// secrets, however their words are parted: the signatures and credentials of presigned
// URLs, as the conventions have it, and password, token, access_token, api_key, code,
// secret, session and their kin.
func WithRedactedQueryParameters(names ...string) Option {
	return option(func(c *config) { c.query = c.query.With(names) })
}

// WithAllowedQueryParameters names the query parameters whose values url.query shows;
// those of all others are REDACTED, so that without names all are. Names are
// case-sensitive, and count though they are known to hold secrets, but not where
// [WithRedactedQueryParameters] has them. Given twice, the lists add up. By default
// there is no such list.
func WithAllowedQueryParameters(names ...string) Option {
	return option(func(c *config) { c.query = c.query.WithAllowed(names) })
}

// WithRequestHeaders records these headers of a request on its span, as
// http.request.header.<name>. They may hold secrets. The default is none.
func WithRequestHeaders(names ...string) Option {
	names = headers("WithRequestHeaders", names)
	return option(func(c *config) { c.requestHeaders = names })
}

// WithResponseHeaders records these headers of a response on the span, as
// http.response.header.<name>. The default is none.
func WithResponseHeaders(names ...string) Option {
	names = headers("WithResponseHeaders", names)
	return option(func(c *config) { c.responseHeaders = names })
}

// headers are names, which are those of headers.
func headers(option string, names []string) []string {
	for _, name := range names {
		need(text.IsToken(name), option, fmt.Sprintf(" names the header %q", name), "it takes names of headers")
	}
	return slices.Clone(names)
}

// WithoutServerTiming leaves out the response header server-timing, which tells the
// client the trace and the span of its request.
func WithoutServerTiming() Option { return option(func(c *config) { c.serverTiming = false }) }

// WithActiveRequests records the metric http.server.active_requests. The
// conventions call it in development; it is off by default.
func WithActiveRequests() Option { return option(func(c *config) { c.activeRequests = true }) }

// WithBodySizes records the metrics http.server.request.body.size and
// http.server.response.body.size, and the like attributes on the span: the bytes
// that were read and written, not those that were announced. The conventions call
// them in development; it is off by default.
func WithBodySizes() Option { return option(func(c *config) { c.bodySizes = true }) }
