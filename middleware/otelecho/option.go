// SPDX-License-Identifier: Apache-2.0

package otelecho

import (
	"github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/middleware/internal/echov4"
)

// Option configures [Middleware]. The arguments of these options may be nil, which means the
// default, as in the retired package; a nil Option itself panics.
type Option = adapter.Option

// set returns an option of Echo's, which leaves the default if its function is nil.
func set(apply func(*echov4.Config)) Option { return adapter.Extend("otelecho", true, apply) }

// none is the option that changes nothing.
var none = set(func(*echov4.Config) {})

// WithPropagators sets the propagator that reads the trace context of a request. The default, also
// for nil, is the global propagator.
func WithPropagators(propagators propagation.TextMapPropagator) Option {
	if propagators == nil {
		return none
	}
	return adapter.WithPropagators(propagators)
}

// WithMeterProvider sets the provider of the metrics. The default, also for nil, is the global
// provider.
func WithMeterProvider(provider metric.MeterProvider) Option {
	if provider == nil {
		return none
	}
	return adapter.WithMeterProvider(provider)
}

// WithTracerProvider sets the provider of the spans. The default, also for nil, is the global
// provider.
func WithTracerProvider(provider trace.TracerProvider) Option {
	if provider == nil {
		return none
	}
	return adapter.WithTracerProvider(provider)
}

// WithSkipper leaves the requests for which skipper returns true alone. By default, and for nil, no
// request is skipped.
func WithSkipper(skipper middleware.Skipper) Option {
	return set(func(c *echov4.Config) { c.Skip = skipper })
}

// WithMetricAttributeFn adds attributes to the metrics of a request; f gets the request as it came
// in. If WithEchoMetricAttributeFn returns the same key, its value wins; the conventions'
// attributes win over both. f may be called twice, as WithEchoMetricAttributeFn says.
func WithMetricAttributeFn(f MetricAttributeFn) Option {
	return set(func(c *echov4.Config) { c.IncomingAttributes = f })
}

// WithEchoMetricAttributeFn adds attributes to the metrics of a request. If the answer to an error
// is given outside, f is called again when that is known, and the second result counts, so that
// c.Response().Status is what the client gets.
func WithEchoMetricAttributeFn(f EchoMetricAttributeFn) Option {
	return set(func(c *echov4.Config) { c.MetricAttributes = f })
}

// WithOnError sets a function that handles the error of a handler, inside the request. If it
// answers, by c.Error or by itself, its answer is the only one: Echo's error handler is not run a
// second time, unless a middleware outside this one hands the error on to Echo. By default, and for
// nil, nothing is done.
func WithOnError(f OnErrorFn) Option {
	return set(func(c *echov4.Config) { c.OnError = f })
}
