// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"fmt"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/text"
)

// WithRoute sets the function that returns the route of a request, http.route, for routers that do
// not set the Pattern of a request, such as chi:
//
//	nethttp.WithRoute(func(r *http.Request) string { return chi.RouteContext(r.Context()).RoutePattern() })
//
// It is called when the request comes in and again when it has been handled, with the http.Request
// that the handler got; "" means that the route is not known. It must return few distinct values.
// The default is the path of r.Pattern.
//
// There must be no http.TimeoutHandler between this middleware and the router: at the timeout, the
// route would be read while the router still writes it, a data race. Put the TimeoutHandler around
// single routes.
func WithRoute(route func(*http.Request) string) Option {
	function(route != nil, "WithRoute")
	return option(func(c *config) { c.route = route })
}

// WithScheme sets the function that returns the scheme of a request, url.scheme, such as from a
// header of a proxy. By default, and if it returns something other than http, https, ws or wss, the
// scheme is https if the connection is encrypted, else http.
func WithScheme(scheme func(*http.Request) string) Option {
	function(scheme != nil, "WithScheme")
	return option(func(c *config) { c.scheme = scheme })
}

// WithClientAddress sets the function that returns the client's address, such as from a header of a
// proxy. By default, and if it returns "", it is the peer's address.
func WithClientAddress(client func(*http.Request) string) Option {
	function(client != nil, "WithClientAddress")
	return option(func(c *config) { c.client = client })
}

// WithSpanNameFormatter sets the function that names the span. It is called when the span starts,
// and again if the route becomes known later. By default, and if it returns "", the name is the
// method and the route: "GET /orders/{id}".
func WithSpanNameFormatter(name func(*http.Request) string) Option {
	function(name != nil, "WithSpanNameFormatter")
	return option(func(c *config) { c.spanName = name })
}

// WithSpanAttributes adds attributes to the span when it starts, where samplers see them; they win
// over the conventions' attributes. The default is no attributes.
func WithSpanAttributes(attributes func(*http.Request) []attribute.KeyValue) Option {
	function(attributes != nil, "WithSpanAttributes")
	return option(func(c *config) { c.spanAttributes = attributes })
}

// WithMetricAttributes adds attributes to the metrics of a request when it has been handled; the
// conventions' attributes win. Each distinct value is a separate time series: take values from a
// fixed set. The default is no attributes.
func WithMetricAttributes(attributes func(*http.Request) []attribute.KeyValue) Option {
	function(attributes != nil, "WithMetricAttributes")
	return option(func(c *config) { c.metricAttributes = attributes })
}

// WithKnownMethods sets which methods are shown as they are; all others are shown as _OTHER, and as
// HTTP in the span's name. The conventions make this configurable as
// OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS, which a library does not read by itself. The default is
// the methods of RFC 9110, PATCH and QUERY.
func WithKnownMethods(methods ...string) Option {
	need(len(methods) > 0, "WithKnownMethods", " without a method", "name at least one, or leave the option out")
	for _, name := range methods {
		// For an empty variable, strings.Split returns one empty method: then all would be _OTHER.
		need(text.IsToken(name), "WithKnownMethods", fmt.Sprintf(" names the method %q", name), "it takes methods as requests have them, like GET: "+
			"trim what is split from a list, and leave the option out where the list is empty")
	}
	methods = slices.Clone(methods)
	return option(func(c *config) { c.knownMethods = methods })
}

// WithRedactedQueryParameters adds query parameters whose values show as REDACTED in url.query.
// Names are case-sensitive. The default is the parameters that are known to hold secrets, however
// their words are separated: the signatures and credentials of presigned URLs, as in the
// conventions, and password, token, access_token, api_key, code, secret, session and the like.
func WithRedactedQueryParameters(names ...string) Option {
	return option(func(c *config) { c.query = c.query.With(names) })
}

// WithAllowedQueryParameters names the query parameters whose values url.query shows; all others
// show as REDACTED, so an empty list redacts all of them. Names are case-sensitive. A name on this
// list is shown even if it is known to hold secrets, but not if [WithRedactedQueryParameters] names
// it. Given twice, the lists add up. By default there is no such list.
func WithAllowedQueryParameters(names ...string) Option {
	return option(func(c *config) { c.query = c.query.WithAllowed(names) })
}

// WithRequestHeaders records these headers of a request on its span, as http.request.header.<name>.
// They may hold secrets. By default no header is recorded.
func WithRequestHeaders(names ...string) Option {
	names = headers("WithRequestHeaders", names)
	return option(func(c *config) { c.requestHeaders = names })
}

// WithResponseHeaders records these headers of a response on the span, as
// http.response.header.<name>. By default no header is recorded.
func WithResponseHeaders(names ...string) Option {
	names = headers("WithResponseHeaders", names)
	return option(func(c *config) { c.responseHeaders = names })
}

// headers returns names, after checking that they are valid header names.
func headers(option string, names []string) []string {
	for _, name := range names {
		need(text.IsToken(name), option, fmt.Sprintf(" names the header %q", name), "it takes names of headers")
	}
	return slices.Clone(names)
}

// WithoutServerTiming leaves out the response header server-timing, which tells the
// client the trace and the span of its request.
func WithoutServerTiming() Option { return option(func(c *config) { c.serverTiming = false }) }

// WithActiveRequests records the metric http.server.active_requests. Its status in the conventions
// is "development"; it is off by default.
func WithActiveRequests() Option { return option(func(c *config) { c.activeRequests = true }) }

// WithBodySizes records the metrics http.server.request.body.size and
// http.server.response.body.size, and the corresponding attributes on the span: the bytes that were
// read and written, not those that were announced. Their status in the conventions is
// "development"; it is off by default.
func WithBodySizes() Option { return option(func(c *config) { c.bodySizes = true }) }
