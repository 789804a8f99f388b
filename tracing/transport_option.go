// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/propagators"
	"github.com/asynclocal/asynclocal/internal/text"
)

// transportConfig holds what the options of [Transport] set.
type transportConfig struct {
	provider    trace.TracerProvider // nil: the parent span's, else the global one
	propagators propagation.TextMapPropagator
	baggageTo   hosts
	idTo        hosts
	idHeader    string
	spanName    func(*http.Request) string // nil: the method
	methods     []string
	noSpan      bool
	query       text.Query
}

func defaultTransportConfig() transportConfig {
	return transportConfig{propagators: propagators.Default(Propagator()), idHeader: "X-Request-Id", methods: text.KnownMethods}
}

func transportOption(name string, set func(*transportConfig)) Option {
	return option{name, takerTransport, func(c *config) { set(&c.transport) }}
}

// WithBaggageTo names the hosts that may receive outgoing baggage. The default is no host: callers
// put data there, and third-party hosts log what they receive.
//
// A host is "api.example.com", on any port; "localhost:8080", on that one; "*.example.com", any
// host below example.com but not example.com itself; or "*", every host. Names are compared without
// regard to case. Any other form panics. Given twice, the lists add up. An option of [Transport].
func WithBaggageTo(hosts ...string) Option {
	list := newHosts("WithBaggageTo", hosts)
	return transportOption("WithBaggageTo", func(c *transportConfig) { c.baggageTo = slices.Concat(c.baggageTo, list) })
}

// WithRequestIDTo names the hosts that receive the request's id, in the header
// X-Request-Id unless [WithRequestIDHeader] says otherwise. The default is no host.
// Hosts are written as for [WithBaggageTo]. An option of [Transport].
func WithRequestIDTo(hosts ...string) Option {
	list := newHosts("WithRequestIDTo", hosts)
	return transportOption("WithRequestIDTo", func(c *transportConfig) { c.idTo = slices.Concat(c.idTo, list) })
}

// WithRequestIDHeader sets the header that carries the request's id to the hosts of
// [WithRequestIDTo]. The default is X-Request-Id. An invalid header name panics. An option of
// [Transport].
func WithRequestIDHeader(name string) Option {
	if !text.IsToken(name) {
		panic(`tracing: WithRequestIDHeader("` + name + `"): not a header name; write X-Request-Id or the like`)
	}
	return transportOption("WithRequestIDHeader", func(c *transportConfig) { c.idHeader = http.CanonicalHeaderKey(name) })
}

// WithTracerProvider sets the provider of the client spans. The default is the provider of the
// parent span, else the global one at that time. A nil tp panics. An option of [Transport].
func WithTracerProvider(tp trace.TracerProvider) Option {
	need(tp != nil, "WithTracerProvider", "leave the option out for the provider of the span that the request is sent in")
	return transportOption("WithTracerProvider", func(c *transportConfig) { c.provider = tp })
}

// WithPropagators sets the propagator that writes the outgoing headers. The default is
// [Propagator], preceded by the global propagator if that has headers other than W3C's, such as
// B3's; one that [OnlyPropagator] has made is used alone. The global propagator is read at the first
// request. A nil p panics. An option of
// [Transport].
func WithPropagators(p propagation.TextMapPropagator) Option {
	need(p != nil, "WithPropagators", "leave the option out for W3C, or give propagation.NewCompositeTextMapPropagator() for none")
	return transportOption("WithPropagators", func(c *transportConfig) { c.propagators = p })
}

// WithSpanNameFormatter sets how client spans are named. f must return few distinct names, so not
// the path, but "GET /orders/{id}" if the client knows the route. By default, and if f returns "",
// the name is the method. f must be safe for concurrent use and must not change the request. A nil
// f panics. An option of [Transport].
func WithSpanNameFormatter(f func(*http.Request) string) Option {
	need(f != nil, "WithSpanNameFormatter", "leave the option out for the method")
	return transportOption("WithSpanNameFormatter", func(c *transportConfig) { c.spanName = f })
}

// WithKnownMethods sets the methods that client spans are named after; any other is recorded as
// _OTHER. The default is the methods of RFC 9110, PATCH and QUERY. An option of [Transport].
func WithKnownMethods(methods ...string) Option {
	methods = slices.Clone(methods)
	return transportOption("WithKnownMethods", func(c *transportConfig) { c.methods = methods })
}

// WithoutClientSpan starts no client span: the headers carry the parent span. Use it if base, or
// the caller, makes the client span itself, as otelhttp does. An option of [Transport].
func WithoutClientSpan() Option {
	return transportOption("WithoutClientSpan", func(c *transportConfig) { c.noSpan = true })
}

// WithRedactedQueryParameters adds query parameters whose values show as REDACTED in url.full and
// in the text of an error. Names are case-sensitive. The default is the parameters that are known
// to hold secrets, however their words are separated: the signatures and credentials of presigned
// URLs, as in the conventions, and password, token, access_token, api_key, code, secret, session
// and the like. An option of [Transport].
func WithRedactedQueryParameters(names ...string) Option {
	return transportOption("WithRedactedQueryParameters", func(c *transportConfig) { c.query = c.query.With(names) })
}

// WithAllowedQueryParameters names the query parameters whose values are shown; all others show as
// REDACTED, so an empty list redacts all of them. Names are case-sensitive. A name on this list is
// shown even if it is known to hold secrets, but not if [WithRedactedQueryParameters] names it.
// Given twice, the lists add up. By default there is no such list. An option of [Transport].
func WithAllowedQueryParameters(names ...string) Option {
	return transportOption("WithAllowedQueryParameters", func(c *transportConfig) { c.query = c.query.WithAllowed(names) })
}
