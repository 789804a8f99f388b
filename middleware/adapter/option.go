// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// WithTracerProvider sets the provider of the server spans, which is wrapped by
// [github.com/asynclocal/asynclocal/tracing.Wrap]. The default is the global one.
func WithTracerProvider(tp trace.TracerProvider) Option {
	need(tp != nil, "WithTracerProvider", "(nil)", "leave the option out for the global provider, or give noop.NewTracerProvider()")
	return option(func(c *config) { c.tracerProvider = tp })
}

// WithMeterProvider sets the provider of the metrics. The default is the global
// one.
func WithMeterProvider(mp metric.MeterProvider) Option {
	need(mp != nil, "WithMeterProvider", "(nil)", "leave the option out for the global provider, or give noop.NewMeterProvider()")
	return option(func(c *config) { c.meterProvider = mp })
}

// WithPropagators sets the propagator that reads the trace context and the baggage of a request.
// The default is tracing.Propagator, preceded by the global propagator if that has headers other
// than W3C's, such as B3's; if a request has both, W3C's win. One that tracing.OnlyPropagator has
// made is used alone. The global propagator is read at the first request.
func WithPropagators(p propagation.TextMapPropagator) Option {
	need(p != nil, "WithPropagators", "(nil)", "leave the option out for W3C, or give propagation.NewCompositeTextMapPropagator() for none")
	return option(func(c *config) { c.propagators = p })
}

// WithLogger sets the logger of the completion line, one for each request, at the level of its
// outcome: error if the server failed, warn for a 4xx, else info. Its fields are method, route,
// path, status, duration_ms, bytes_in, bytes_out, client and, if there is one, error. It has the
// ids of the request even if the logger is not correlated. The default is no line.
func WithLogger(l *zap.Logger) Option {
	need(l != nil, "WithLogger", "(nil)", "leave the option out for no completion line")
	return option(func(c *config) { c.logger = l })
}

// WithoutAccessLog writes no completion line, even if WithLogger is given. It is for options that
// several servers share.
func WithoutAccessLog() Option { return option(func(c *config) { c.withoutAccessLog = true }) }

// WithSkipper leaves the requests for which skip returns true alone: no Request, no span, no
// metrics, no line. By default no request is skipped.
func WithSkipper(skip func(*http.Request) bool) Option {
	function(skip != nil, "WithSkipper")
	return option(func(c *config) { c.skip = skip })
}

// WithRequestIDHeader sets the header in which a request's id is received and sent. The default is
// X-Request-Id.
func WithRequestIDHeader(name string) Option {
	need(text.IsToken(name), "WithRequestIDHeader", fmt.Sprintf("(%q)", name), "it takes the name of a header")
	return option(func(c *config) { c.requestIDHeader = http.CanonicalHeaderKey(name) })
}

// WithRequestIDGenerator sets the function that makes an id for a request that comes without one.
// It is called concurrently. It must return a valid id: 1 to 128 characters of [A-Za-z0-9._~+/=:-];
// anything else is replaced. The default is 26 characters of base32, 128 random bits.
func WithRequestIDGenerator(generate func() string) Option {
	function(generate != nil, "WithRequestIDGenerator")
	return option(func(c *config) { c.newRequestID = generate })
}

// WithTrustRequestID accepts ids only from requests for which trust returns true. A malformed id is
// always replaced. The default is to trust every client, because an id grants no rights; but a
// client can make two requests look like one, which a public server may not want.
func WithTrustRequestID(trust func(*http.Request) bool) Option {
	function(trust != nil, "WithTrustRequestID")
	return option(func(c *config) { c.trustRequestID = trust })
}

// WithRequestIDLabel makes the request's id a profiler label, request_id, beside the route, so that
// crash and goroutine dumps name the request. It is off by default, because profiles do not
// aggregate by it.
func WithRequestIDLabel() Option { return option(func(c *config) { c.labelRequestID = true }) }

// WithLinger sets how long goroutines that a request leaves behind keep its context after its end:
// 0 means not at all, store.Forever for good. The default is that of store.Request, 5 minutes. A
// long linger costs memory: see docs/scale.md.
func WithLinger(d time.Duration) Option {
	return option(func(c *config) { c.linger, c.lingerSet = d, true })
}

// WithPublicEndpoint marks the requests that come from untrusted clients, those for which where
// returns true. For these, a new trace is started and linked to the client's, the client's sampling
// decision is ignored, and the baggage is dropped. Without a function it applies to all requests.
// By default it applies to no request.
func WithPublicEndpoint(where ...func(*http.Request) bool) Option {
	for _, f := range where {
		need(f != nil, "WithPublicEndpoint", "(nil)", "leave the function out for all requests")
	}
	where = slices.Clone(where)
	return option(func(c *config) {
		c.publicEndpoint = func(r *http.Request) bool {
			return len(where) == 0 || slices.ContainsFunc(where, func(f func(*http.Request) bool) bool { return f(r) })
		}
	})
}

// WithServerName sets the name of the server, host or host:port, as server.address and server.port.
// Metrics have these attributes only with this option: the Host header is under the client's
// control, and each value would be a time series. The default is the Host header, only on spans.
func WithServerName(name string) Option {
	name = strings.TrimSpace(name)
	need(name == "" || httpconv.IsServerName(name), "WithServerName", fmt.Sprintf("(%q)", name),
		fmt.Sprintf("it takes a host or host:port of at most %d bytes, the port from 1 to 65535", httpconv.MaxAddress))
	return option(func(c *config) { c.serverName = name })
}
