// SPDX-License-Identifier: Apache-2.0

package echov5

import (
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// The options of package adapter, which describes them, so that a server needs one import.

// WithTracerProvider sets the provider of the server spans, as [adapter.WithTracerProvider] does.
func WithTracerProvider(tp trace.TracerProvider) Option { return adapter.WithTracerProvider(tp) }

// WithMeterProvider sets the provider of the metrics, as [adapter.WithMeterProvider] does.
func WithMeterProvider(mp metric.MeterProvider) Option { return adapter.WithMeterProvider(mp) }

// WithPropagators sets how the trace context and the baggage of a request are read, as
// [adapter.WithPropagators] does.
func WithPropagators(p propagation.TextMapPropagator) Option { return adapter.WithPropagators(p) }

// WithLogger sets the logger of the completion line, as [adapter.WithLogger] does.
func WithLogger(l *zap.Logger) Option { return adapter.WithLogger(l) }

// WithSlog has h write the completion line, as [adapter.WithSlog] does.
func WithSlog(h slog.Handler) Option { return adapter.WithSlog(h) }

// WithoutAccessLog writes no completion line, as [adapter.WithoutAccessLog] says.
func WithoutAccessLog() Option { return adapter.WithoutAccessLog() }

// WithRequestIDHeader sets in which header a request's id comes and goes, as
// [adapter.WithRequestIDHeader] does.
func WithRequestIDHeader(name string) Option { return adapter.WithRequestIDHeader(name) }

// WithRequestIDGenerator sets how an id is made for a request that comes without one, as
// [adapter.WithRequestIDGenerator] does.
func WithRequestIDGenerator(generate func() string) Option {
	return adapter.WithRequestIDGenerator(generate)
}

// WithTrustRequestID sets whose ids are taken over, as [adapter.WithTrustRequestID] does.
func WithTrustRequestID(trust func(*http.Request) bool) Option {
	return adapter.WithTrustRequestID(trust)
}

// WithRequestIDLabel makes the request's id a profiler label, as [adapter.WithRequestIDLabel]
// does.
func WithRequestIDLabel() Option { return adapter.WithRequestIDLabel() }

// WithLinger sets how long goroutines that a request leaves behind keep its context, as
// [adapter.WithLinger] does.
func WithLinger(d time.Duration) Option { return adapter.WithLinger(d) }

// WithPublicEndpoint says which requests come from strangers, as [adapter.WithPublicEndpoint]
// does.
func WithPublicEndpoint(where ...func(*http.Request) bool) Option {
	return adapter.WithPublicEndpoint(where...)
}

// WithServerName sets the name of the server, as [adapter.WithServerName] does.
func WithServerName(name string) Option { return adapter.WithServerName(name) }

// WithScheme sets how the scheme of a request is found, as [adapter.WithScheme] does; the default
// is Echo's Context.Scheme, which believes any X-Forwarded-Proto.
func WithScheme(scheme func(*http.Request) string) Option { return adapter.WithScheme(scheme) }

// WithKnownMethods sets which methods are shown as they are, as [adapter.WithKnownMethods] does.
func WithKnownMethods(methods ...string) Option { return adapter.WithKnownMethods(methods...) }

// WithRedactedQueryParameters adds query parameters whose values are not shown, as
// [adapter.WithRedactedQueryParameters] does.
func WithRedactedQueryParameters(names ...string) Option {
	return adapter.WithRedactedQueryParameters(names...)
}

// WithAllowedQueryParameters names the query parameters whose values are shown, as
// [adapter.WithAllowedQueryParameters] does.
func WithAllowedQueryParameters(names ...string) Option {
	return adapter.WithAllowedQueryParameters(names...)
}

// WithRequestHeaders records these headers of a request, as [adapter.WithRequestHeaders] does.
func WithRequestHeaders(names ...string) Option { return adapter.WithRequestHeaders(names...) }

// WithResponseHeaders records these headers of a response, as [adapter.WithResponseHeaders] does.
func WithResponseHeaders(names ...string) Option { return adapter.WithResponseHeaders(names...) }

// WithoutServerTiming leaves out the response header server-timing, as
// [adapter.WithoutServerTiming] does.
func WithoutServerTiming() Option { return adapter.WithoutServerTiming() }

// WithActiveRequests records the metric http.server.active_requests, as
// [adapter.WithActiveRequests] does.
func WithActiveRequests() Option { return adapter.WithActiveRequests() }

// WithBodySizes records the sizes of the bodies, as [adapter.WithBodySizes] does.
func WithBodySizes() Option { return adapter.WithBodySizes() }
