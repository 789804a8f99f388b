// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
	"net/http"
	"path"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// Option configures [New], and every other middleware that is made with an [Adapter].
type Option interface{ apply(*config) }

type option func(*config)

func (f option) apply(c *config) { f(c) }

// config does not change once newConfig has returned it.
type config struct {
	exchange.Config

	own              any // of the middleware that is made with an Adapter
	skip             func(*http.Request) bool
	spanName         func(*http.Request) string
	spanAttributes   func(*http.Request) []attribute.KeyValue
	metricAttributes func(*http.Request) []attribute.KeyValue
	route            func(*http.Request) string
	scheme           func(*http.Request) string
	client           func(*http.Request) string
	withoutAccessLog bool
}

func newConfig(scopeName, scopeVersion string, own any, opts []Option) *config {
	c := &config{Config: exchange.Defaults(scopeName, scopeVersion), own: own}
	for _, o := range opts {
		if o == nil {
			panic(path.Base(scopeName) + ": a nil Option; leave it out")
		}
		o.apply(c)
	}
	if c.withoutAccessLog {
		c.Logger = nil
	}
	if problem := c.Problem(); problem != "" {
		panic(path.Base(scopeName) + ": " + problem)
	}
	return c
}

// WithTracerProvider sets the provider of the server spans, which is wrapped by
// [github.com/asynclocal/asynclocal/tracing.Wrap]. The default is the global one.
func WithTracerProvider(tp trace.TracerProvider) Option {
	return option(func(c *config) { c.TracerProvider = tp })
}

// WithMeterProvider sets the provider of the metrics. The default is the global
// one.
func WithMeterProvider(mp metric.MeterProvider) Option {
	return option(func(c *config) { c.MeterProvider = mp })
}

// WithPropagators sets how the trace context and the baggage of a request are read. The
// default is tracing.Propagator, and before it the global propagator where that has
// headers that are not W3C's, B3's for example: a request that has both is in the trace
// that W3C's say. What is global is looked at with the first request.
func WithPropagators(p propagation.TextMapPropagator) Option {
	return option(func(c *config) { c.Propagators = p })
}

// WithLogger sets the logger of the completion line, one for each request, at the
// level of its outcome: an error if the server failed, a warning for a 4xx, else
// info. Its fields are method, route, path, status, duration_ms, bytes_in,
// bytes_out, client and, where there is one, error; the ids of the request are on
// it whether or not the logger is correlated already. The default is no line.
func WithLogger(l *zap.Logger) Option {
	return option(func(c *config) { c.Logger, c.NilLogger = l, l == nil })
}

// WithoutAccessLog writes no completion line, also where WithLogger is given: for
// options that are shared by several servers.
func WithoutAccessLog() Option { return option(func(c *config) { c.withoutAccessLog = true }) }

// WithSkipper leaves the requests for which skip returns true alone: no Request, no
// span, no metrics, no line. The default is none.
func WithSkipper(skip func(*http.Request) bool) Option {
	return option(func(c *config) {
		c.skip = skip
		c.Need("WithSkipper", skip != nil)
	})
}

// WithRequestIDHeader sets in which header a request's id comes and goes. The
// default is X-Request-Id.
func WithRequestIDHeader(name string) Option {
	return option(func(c *config) { c.RequestIDHeader = http.CanonicalHeaderKey(name) })
}

// WithRequestIDGenerator sets how an id is made for a request that comes without
// one. It is called concurrently. What it returns has to be an id as one from
// outside: 1 to 128 characters of [A-Za-z0-9._~+/=:-]; anything else is replaced.
// The default is 26 characters of base32, 128 random bits.
func WithRequestIDGenerator(generate func() string) Option {
	return option(func(c *config) {
		c.NewRequestID = generate
		c.Need("WithRequestIDGenerator", generate != nil)
	})
}

// WithTrustRequestID sets whose ids are taken over: those of requests for which
// trust returns true. A malformed id is replaced in any case. The default
// is everybody, for an id gives no rights; it is a way to make two requests look
// like one, though, which an edge that faces strangers may not want.
func WithTrustRequestID(trust func(*http.Request) bool) Option {
	return option(func(c *config) {
		c.TrustRequestID = trust
		c.Need("WithTrustRequestID", trust != nil)
	})
}

// WithRequestIDLabel makes the request's id a profiler label, request_id, beside
// the route: crash and goroutine dumps then name the request. It is off by default,
// because profiles do not aggregate by it.
func WithRequestIDLabel() Option { return option(func(c *config) { c.LabelRequestID = true }) }

// WithLinger sets how long goroutines that a request leaves behind keep its context after
// its end: 0 not at all, store.Forever for good. The default is that of store.Request,
// 5 minutes. What lingers costs memory: see docs/scale.md.
func WithLinger(d time.Duration) Option {
	return option(func(c *config) { c.Linger, c.LingerSet = d, true })
}

// WithPublicEndpoint says which requests come from strangers: of those, the trace
// becomes a link of a new one, whether it was sampled is not obeyed, and the
// baggage is dropped. Without a function, or with a nil one, it is all requests.
// The default is none.
func WithPublicEndpoint(where ...func(*http.Request) bool) Option {
	return option(func(c *config) { c.PublicEndpoint = exchange.AnyOf(where) })
}

// WithServerName sets the name of the server, host or host:port, as server.address
// and server.port. Only then the metrics have it: the Host header is the client's
// word, and each would be a time series. The default is the Host header, on spans
// alone.
func WithServerName(name string) Option {
	return option(func(c *config) { c.ServerName = strings.TrimSpace(name) })
}

// WithRoute sets how the route of a request, http.route, is found, for routers that
// do not set the Pattern of a request: with chi,
//
//	nethttp.WithRoute(func(r *http.Request) string { return chi.RouteContext(r.Context()).RoutePattern() })
//
// It is called when the request comes in and again when it has been handled, with
// the http.Request that the handler got; where it returns "" the route is not
// known. It has to be of few distinct values. The default is the path of
// r.Pattern.
func WithRoute(route func(*http.Request) string) Option {
	return option(func(c *config) {
		c.route = route
		c.Need("WithRoute", route != nil)
	})
}

// WithScheme sets how the scheme of a request, url.scheme, is found, which behind a
// proxy is what the proxy says. The default, also where it is not one of http, https,
// ws and wss, is https if the connection is encrypted, else http.
func WithScheme(scheme func(*http.Request) string) Option {
	return option(func(c *config) {
		c.scheme = scheme
		c.Need("WithScheme", scheme != nil)
	})
}

// WithClientAddress sets how the client's address is found, which behind a proxy is
// what the proxy says. The default, also where it returns "", is the peer's.
func WithClientAddress(client func(*http.Request) string) Option {
	return option(func(c *config) {
		c.client = client
		c.Need("WithClientAddress", client != nil)
	})
}

// WithSpanNameFormatter sets the name of the span. It is called when the span
// starts, and again if the route becomes known later; where it returns "" the name
// is the default, the method and the route: "GET /orders/{id}".
func WithSpanNameFormatter(name func(*http.Request) string) Option {
	return option(func(c *config) {
		c.spanName = name
		c.Need("WithSpanNameFormatter", name != nil)
	})
}

// WithSpanAttributes adds attributes to the span when it starts, where samplers
// see them; they win over those of the conventions. The default is none.
func WithSpanAttributes(attributes func(*http.Request) []attribute.KeyValue) Option {
	return option(func(c *config) {
		c.spanAttributes = attributes
		c.Need("WithSpanAttributes", attributes != nil)
	})
}

// WithMetricAttributes adds attributes to the metrics of a request when it has been
// handled; those of the conventions win. Each distinct value is a time series of
// its own: take them from a fixed set. The default is none.
func WithMetricAttributes(attributes func(*http.Request) []attribute.KeyValue) Option {
	return option(func(c *config) {
		c.metricAttributes = attributes
		c.Need("WithMetricAttributes", attributes != nil)
	})
}

// WithKnownMethods sets which methods are shown as they are; all others are _OTHER,
// and HTTP in the span's name. It is what the conventions want to be settable as
// OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS, which a library does not read by itself.
// The default is those of RFC 9110, PATCH and QUERY.
func WithKnownMethods(methods ...string) Option {
	return option(func(c *config) { c.KnownMethods = methods })
}

// WithRedactedQueryParameters adds query parameters whose values url.query shows as
// REDACTED. Names are case-sensitive. The default is those that are known to hold
// secrets, however their words are parted: the signatures and credentials of presigned
// URLs, as the conventions have it, and password, token, access_token, api_key, code,
// secret, session and their kin.
func WithRedactedQueryParameters(names ...string) Option {
	return option(func(c *config) { c.Redact(names) })
}

// WithListedQueryParameters names the query parameters whose values url.query shows;
// those of all others are REDACTED, so that without names all are. Names are
// case-sensitive, and count though they are known to hold secrets, but not where
// [WithRedactedQueryParameters] has them. Given twice, the lists add up. By default
// there is no such list.
func WithListedQueryParameters(names ...string) Option {
	return option(func(c *config) { c.List(names) })
}

// WithRequestHeaders records these headers of a request on its span, as
// http.request.header.<name>. They may hold secrets. The default is none.
func WithRequestHeaders(names ...string) Option {
	return option(func(c *config) { c.RequestHeaders = names })
}

// WithResponseHeaders records these headers of a response on the span, as
// http.response.header.<name>. The default is none.
func WithResponseHeaders(names ...string) Option {
	return option(func(c *config) { c.ResponseHeaders = names })
}

// WithoutServerTiming leaves out the response header server-timing, which tells the
// client the trace and the span of its request.
func WithoutServerTiming() Option { return option(func(c *config) { c.ServerTiming = false }) }

// WithActiveRequests records the metric http.server.active_requests. The
// conventions call it in development; it is off by default.
func WithActiveRequests() Option { return option(func(c *config) { c.ActiveRequests = true }) }

// WithBodySizes records the metrics http.server.request.body.size and
// http.server.response.body.size, and the like attributes on the span: the bytes
// that were read and written, not those that were announced. The conventions call
// them in development; it is off by default.
func WithBodySizes() Option { return option(func(c *config) { c.BodySizes = true }) }
