// SPDX-License-Identifier: Apache-2.0

package ginmiddleware

import (
	"net/http"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// The options of package nethttp under the names that package middleware has for
// them, so that a server needs one import.

// WithTracerProvider sets the provider of the server spans, as
// [nethttp.WithTracerProvider] does.
func WithTracerProvider(tp trace.TracerProvider) Option { return nethttp.WithTracerProvider(tp) }

// WithMeterProvider sets the provider of the metrics, as [nethttp.WithMeterProvider]
// does.
func WithMeterProvider(mp metric.MeterProvider) Option { return nethttp.WithMeterProvider(mp) }

// WithPropagators sets how the trace context and the baggage of a request are read,
// as [nethttp.WithPropagators] does.
func WithPropagators(p propagation.TextMapPropagator) Option { return nethttp.WithPropagators(p) }

// WithLogger sets the logger of the completion line, as [nethttp.WithLogger] does.
func WithLogger(l *zap.Logger) Option { return nethttp.WithLogger(l) }

// WithoutAccessLog writes no completion line, as [nethttp.WithoutAccessLog] says.
func WithoutAccessLog() Option { return nethttp.WithoutAccessLog() }

// WithRequestIDHeader sets in which header a request's id comes and goes, as
// [nethttp.WithRequestIDHeader] does.
func WithRequestIDHeader(name string) Option { return nethttp.WithRequestIDHeader(name) }

// WithRequestIDGenerator sets how an id is made for a request that comes without one,
// as [nethttp.WithRequestIDGenerator] does.
func WithRequestIDGenerator(generate func() string) Option {
	return nethttp.WithRequestIDGenerator(generate)
}

// WithTrustRequestID sets whose ids are taken over, as [nethttp.WithTrustRequestID]
// does.
func WithTrustRequestID(trust func(*http.Request) bool) Option {
	return nethttp.WithTrustRequestID(trust)
}

// WithRequestIDLabel makes the request's id a profiler label, as
// [nethttp.WithRequestIDLabel] does.
func WithRequestIDLabel() Option { return nethttp.WithRequestIDLabel() }

// WithLinger sets how long goroutines that a request leaves behind keep its context, as
// [nethttp.WithLinger] does.
func WithLinger(d time.Duration) Option { return nethttp.WithLinger(d) }

// WithPublicEndpoint says which requests come from strangers, as
// [nethttp.WithPublicEndpoint] does.
func WithPublicEndpoint(where ...func(*http.Request) bool) Option {
	return nethttp.WithPublicEndpoint(where...)
}

// WithServerName sets the name of the server, as [nethttp.WithServerName] does.
func WithServerName(name string) Option { return nethttp.WithServerName(name) }

// WithScheme sets how the scheme of a request is found, as [nethttp.WithScheme] does.
func WithScheme(scheme func(*http.Request) string) Option { return nethttp.WithScheme(scheme) }

// WithKnownMethods sets which methods are shown as they are, as
// [nethttp.WithKnownMethods] does.
func WithKnownMethods(methods ...string) Option { return nethttp.WithKnownMethods(methods...) }

// WithRedactedQueryParameters adds query parameters whose values are not shown, as
// [nethttp.WithRedactedQueryParameters] does.
func WithRedactedQueryParameters(names ...string) Option {
	return nethttp.WithRedactedQueryParameters(names...)
}

// WithListedQueryParameters names the query parameters whose values are shown, as
// [nethttp.WithListedQueryParameters] does.
func WithListedQueryParameters(names ...string) Option {
	return nethttp.WithListedQueryParameters(names...)
}

// WithRequestHeaders records these headers of a request, as
// [nethttp.WithRequestHeaders] does.
func WithRequestHeaders(names ...string) Option { return nethttp.WithRequestHeaders(names...) }

// WithResponseHeaders records these headers of a response, as
// [nethttp.WithResponseHeaders] does.
func WithResponseHeaders(names ...string) Option { return nethttp.WithResponseHeaders(names...) }

// WithoutServerTiming leaves out the response header server-timing, as
// [nethttp.WithoutServerTiming] does.
func WithoutServerTiming() Option { return nethttp.WithoutServerTiming() }

// WithActiveRequests records the metric http.server.active_requests, as
// [nethttp.WithActiveRequests] does.
func WithActiveRequests() Option { return nethttp.WithActiveRequests() }

// WithBodySizes records the sizes of the bodies, as [nethttp.WithBodySizes] does.
func WithBodySizes() Option { return nethttp.WithBodySizes() }
