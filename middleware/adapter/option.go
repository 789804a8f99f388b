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

// WithPropagators sets how the trace context and the baggage of a request are read. The
// default is tracing.Propagator, and before it the global propagator where that has
// headers that are not W3C's, B3's for example: a request that has both is in the trace
// that W3C's say. One that tracing.OnlyPropagator has made is used alone. What is global is looked
// at with the first request.
func WithPropagators(p propagation.TextMapPropagator) Option {
	need(p != nil, "WithPropagators", "(nil)", "leave the option out for W3C, or give propagation.NewCompositeTextMapPropagator() for none")
	return option(func(c *config) { c.propagators = p })
}

// WithLogger sets the logger of the completion line, one for each request, at the
// level of its outcome: an error if the server failed, a warning for a 4xx, else
// info. Its fields are method, route, path, status, duration_ms, bytes_in,
// bytes_out, client and, where there is one, error; the ids of the request are on
// it whether or not the logger is correlated already. The default is no line.
func WithLogger(l *zap.Logger) Option {
	need(l != nil, "WithLogger", "(nil)", "leave the option out for no completion line")
	return option(func(c *config) { c.logger = l })
}

// WithoutAccessLog writes no completion line, also where WithLogger is given: for
// options that are shared by several servers.
func WithoutAccessLog() Option { return option(func(c *config) { c.withoutAccessLog = true }) }

// WithSkipper leaves the requests for which skip returns true alone: no Request, no
// span, no metrics, no line. The default is none.
func WithSkipper(skip func(*http.Request) bool) Option {
	function(skip != nil, "WithSkipper")
	return option(func(c *config) { c.skip = skip })
}

// WithRequestIDHeader sets in which header a request's id comes and goes. The
// default is X-Request-Id.
func WithRequestIDHeader(name string) Option {
	need(text.IsToken(name), "WithRequestIDHeader", fmt.Sprintf("(%q)", name), "it takes the name of a header")
	return option(func(c *config) { c.requestIDHeader = http.CanonicalHeaderKey(name) })
}

// WithRequestIDGenerator sets how an id is made for a request that comes without
// one. It is called concurrently. What it returns has to be an id as one from
// outside: 1 to 128 characters of [A-Za-z0-9._~+/=:-]; anything else is replaced.
// The default is 26 characters of base32, 128 random bits.
func WithRequestIDGenerator(generate func() string) Option {
	function(generate != nil, "WithRequestIDGenerator")
	return option(func(c *config) { c.newRequestID = generate })
}

// WithTrustRequestID sets whose ids are taken over: those of requests for which
// trust returns true. A malformed id is replaced in any case. The default
// is every client, for an id gives no rights; it is a way to make two requests look
// like one, though, which an edge that faces strangers may not want.
func WithTrustRequestID(trust func(*http.Request) bool) Option {
	function(trust != nil, "WithTrustRequestID")
	return option(func(c *config) { c.trustRequestID = trust })
}

// WithRequestIDLabel makes the request's id a profiler label, request_id, beside
// the route: crash and goroutine dumps then name the request. It is off by default,
// because profiles do not aggregate by it.
func WithRequestIDLabel() Option { return option(func(c *config) { c.labelRequestID = true }) }

// WithLinger sets how long goroutines that a request leaves behind keep its context after
// its end: 0 not at all, store.Forever for good. The default is that of store.Request,
// 5 minutes. What lingers costs memory: see docs/scale.md.
func WithLinger(d time.Duration) Option {
	return option(func(c *config) { c.linger, c.lingerSet = d, true })
}

// WithPublicEndpoint says which requests come from strangers: of those, the trace
// becomes a link of a new one, whether it was sampled is not obeyed, and the
// baggage is dropped. Without a function it is all requests. The default is none.
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

// WithServerName sets the name of the server, host or host:port, as server.address
// and server.port. Only then the metrics have it: the Host header is the client's
// word, and each would be a time series. The default is the Host header, on spans
// alone.
func WithServerName(name string) Option {
	name = strings.TrimSpace(name)
	need(name == "" || httpconv.IsServerName(name), "WithServerName", fmt.Sprintf("(%q)", name),
		fmt.Sprintf("it takes a host or host:port of at most %d bytes, the port from 1 to 65535", httpconv.MaxAddress))
	return option(func(c *config) { c.serverName = name })
}
