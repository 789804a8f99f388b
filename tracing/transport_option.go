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

// transportConfig is what the options of [Transport] set.
type transportConfig struct {
	provider    trace.TracerProvider // nil: the one of the parent span, else the global one
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

// WithBaggageTo names the hosts that may receive outgoing baggage. The default is
// no host: baggage is what callers put there, and hosts of others log what they get.
//
// A host is "api.example.com", on any port; "localhost:8080", on that one;
// "*.example.com", any below example.com but not itself; or "*", every host. Names
// are compared in any case. Anything else panics. Given twice, the lists add up.
// An option of [Transport].
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
// [WithRequestIDTo]. The default is X-Request-Id. What is no header name panics. An
// option of [Transport].
func WithRequestIDHeader(name string) Option {
	if !text.IsToken(name) {
		panic(`tracing: WithRequestIDHeader("` + name + `"): not a header name; write X-Request-Id or the like`)
	}
	return transportOption("WithRequestIDHeader", func(c *transportConfig) { c.idHeader = http.CanonicalHeaderKey(name) })
}

// WithTracerProvider sets the provider of the client spans. The default is that of
// the span that the request is sent in, else the global one at that time. A nil tp panics.
// An option of [Transport].
func WithTracerProvider(tp trace.TracerProvider) Option {
	need(tp != nil, "WithTracerProvider", "leave the option out for the provider of the span that the request is sent in")
	return transportOption("WithTracerProvider", func(c *transportConfig) { c.provider = tp })
}

// WithPropagators sets what writes the outgoing headers. The default is [Propagator],
// and before it the global propagator where that has headers that are not W3C's, B3's for
// example; one that [OnlyPropagator] has made is used alone. What is global is looked at with the first request. A nil p panics. An option of
// [Transport].
func WithPropagators(p propagation.TextMapPropagator) Option {
	need(p != nil, "WithPropagators", "leave the option out for W3C, or give propagation.NewCompositeTextMapPropagator() for none")
	return transportOption("WithPropagators", func(c *transportConfig) { c.propagators = p })
}

// WithSpanNameFormatter sets how client spans are named. f must return few distinct names,
// so not the path: "GET /orders/{id}", for clients that know. The default, and what
// an empty name stands for, is the method. f must be safe for concurrent use and
// must not change the request. A nil f panics. An option of [Transport].
func WithSpanNameFormatter(f func(*http.Request) string) Option {
	need(f != nil, "WithSpanNameFormatter", "leave the option out for the method")
	return transportOption("WithSpanNameFormatter", func(c *transportConfig) { c.spanName = f })
}

// WithKnownMethods sets the methods that client spans are named after; any other is
// recorded as _OTHER. The default is those of RFC 9110, PATCH and QUERY. An option
// of [Transport].
func WithKnownMethods(methods ...string) Option {
	methods = slices.Clone(methods)
	return transportOption("WithKnownMethods", func(c *transportConfig) { c.methods = methods })
}

// WithoutClientSpan starts no span: the headers carry the span that the request is
// sent in. It is for a base, or a caller, that makes the client span itself, as
// otelhttp does. An option of [Transport].
func WithoutClientSpan() Option {
	return transportOption("WithoutClientSpan", func(c *transportConfig) { c.noSpan = true })
}

// WithRedactedQueryParameters adds query parameters whose values url.full, and the
// text of an error, show as REDACTED. Names are case-sensitive. The default is those
// that are known to hold secrets, however their words are parted: the signatures and
// credentials of presigned URLs, as the conventions have it, and password, token,
// access_token, api_key, code, secret, session and their kin. An option of
// [Transport].
func WithRedactedQueryParameters(names ...string) Option {
	return transportOption("WithRedactedQueryParameters", func(c *transportConfig) { c.query = c.query.With(names) })
}

// WithAllowedQueryParameters names the query parameters whose values are shown; those
// of all others are REDACTED, so that without names all are. Names are case-sensitive,
// and count though they are known to hold secrets, but not where
// [WithRedactedQueryParameters] has them. Given twice, the lists add up. By default
// there is no such list. An option of [Transport].
func WithAllowedQueryParameters(names ...string) Option {
	return transportOption("WithAllowedQueryParameters", func(c *transportConfig) { c.query = c.query.WithAllowed(names) })
}
