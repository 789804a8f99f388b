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

// Option configures [Middleware]. What the options here are given may be nil, and then stands
// for the default, as in the retired package; a nil Option itself panics.
type Option = adapter.Option

// set is an option of Echo's, which leaves the default where its function is nil.
func set(apply func(*echov4.Config)) Option { return adapter.Extend("otelecho", true, apply) }

// none is the option that changes nothing.
var none = set(func(*echov4.Config) {})

// WithPropagators sets how the trace context of a request is read. The default,
// also for nil, is the global propagator.
func WithPropagators(propagators propagation.TextMapPropagator) Option {
	if propagators == nil {
		return none
	}
	return adapter.WithPropagators(propagators)
}

// WithMeterProvider sets the provider of the metrics. The default, also for nil, is
// the global one.
func WithMeterProvider(provider metric.MeterProvider) Option {
	if provider == nil {
		return none
	}
	return adapter.WithMeterProvider(provider)
}

// WithTracerProvider sets the provider of the spans. The default, also for nil, is
// the global one.
func WithTracerProvider(provider trace.TracerProvider) Option {
	if provider == nil {
		return none
	}
	return adapter.WithTracerProvider(provider)
}

// WithSkipper leaves the requests for which skipper returns true alone. The default,
// also for nil, is none.
func WithSkipper(skipper middleware.Skipper) Option {
	return set(func(c *echov4.Config) { c.Skip = skipper })
}

// WithMetricAttributeFn adds attributes to the metrics of a request, which f gets as it
// came in. Of a key that WithEchoMetricAttributeFn has too, that one's value counts; the
// conventions' own win over both. f may be called twice: see there.
func WithMetricAttributeFn(f MetricAttributeFn) Option {
	return set(func(c *echov4.Config) { c.IncomingAttributes = f })
}

// WithEchoMetricAttributeFn adds attributes to the metrics of a request. Where the answer
// to an error is given outside, f is called once more when that is known, and what it
// returns then counts: so c.Response().Status is what the client gets.
func WithEchoMetricAttributeFn(f EchoMetricAttributeFn) Option {
	return set(func(c *echov4.Config) { c.MetricAttributes = f })
}

// WithOnError sets what is done with the error of a handler, inside the request.
// One that answers, by c.Error or by itself, is the only one to: Echo's error
// handler is not run a second time, unless a middleware outside of this one hands
// the error on to Echo. The default, also for nil, is that nothing is done.
func WithOnError(f OnErrorFn) Option {
	return set(func(c *echov4.Config) { c.OnError = f })
}
