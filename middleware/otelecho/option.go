// SPDX-License-Identifier: Apache-2.0

package otelecho

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware/internal/echov4"
	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// Option configures [Middleware].
type Option interface{ apply(*config) }

type option func(*config)

func (f option) apply(c *config) { f(c) }

// config does not change once newConfig has returned it.
type config struct {
	echov4.Config

	metricAttributes     MetricAttributeFn
	echoMetricAttributes EchoMetricAttributeFn
}

func newConfig(serverName string, opts []Option) *config {
	c := &config{Config: echov4.Config{Config: exchange.Defaults(ScopeName, Version)}}
	c.Propagators = otel.GetTextMapPropagator()
	c.ServerName = serverName
	for _, o := range opts {
		if o == nil {
			panic("otelecho: Middleware with a nil Option; leave it out")
		}
		o.apply(c)
	}
	if c.metricAttributes != nil || c.echoMetricAttributes != nil {
		c.MetricAttributes = c.attributes
	}
	if c.Problem() != "" { // of the options here, only the name can be wrong
		c.ServerName = ""
	}
	return c
}

// attributes returns those of both functions; of a key that both have, Echo's counts.
func (c *config) attributes(e echo.Context, incoming *http.Request) (all []attribute.KeyValue) {
	if c.metricAttributes != nil {
		all = slices.Clip(c.metricAttributes(incoming))
	}
	if c.echoMetricAttributes != nil {
		all = append(all, c.echoMetricAttributes(e)...)
	}
	return all
}

// WithPropagators sets how the trace context of a request is read. The default,
// also for nil, is the global propagator.
func WithPropagators(propagators propagation.TextMapPropagator) Option {
	return option(func(c *config) {
		if propagators != nil {
			c.Propagators = propagators
		}
	})
}

// WithMeterProvider sets the provider of the metrics. The default, also for nil, is
// the global one.
func WithMeterProvider(provider metric.MeterProvider) Option {
	return option(func(c *config) {
		if provider != nil {
			c.MeterProvider = provider
		}
	})
}

// WithTracerProvider sets the provider of the spans. The default, also for nil, is
// the global one.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return option(func(c *config) {
		if provider != nil {
			c.TracerProvider = provider
		}
	})
}

// WithSkipper leaves the requests for which skipper returns true alone. The default,
// also for nil, is none.
func WithSkipper(skipper middleware.Skipper) Option {
	return option(func(c *config) { c.Skip = skipper })
}

// WithMetricAttributeFn adds attributes to the metrics of a request, which f gets as it
// came in. Of a key that WithEchoMetricAttributeFn has too, that one's value counts; the
// conventions' own win over both. f may be called twice: see there.
func WithMetricAttributeFn(f MetricAttributeFn) Option {
	return option(func(c *config) { c.metricAttributes = f })
}

// WithEchoMetricAttributeFn adds attributes to the metrics of a request. Where the answer
// to an error is given outside, f is called once more when that is known, and what it
// returns then counts: so c.Response().Status is what the client gets.
func WithEchoMetricAttributeFn(f EchoMetricAttributeFn) Option {
	return option(func(c *config) { c.echoMetricAttributes = f })
}

// WithOnError sets what is done with the error of a handler, inside the request.
// One that answers, by c.Error or by itself, is the only one to: Echo's error
// handler is not run a second time, unless a middleware outside of this one hands
// the error on to Echo. The default, also for nil, is that nothing is done.
func WithOnError(f OnErrorFn) Option {
	return option(func(c *config) {
		if f != nil {
			c.OnError = f
		}
	})
}
