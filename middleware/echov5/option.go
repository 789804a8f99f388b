// SPDX-License-Identifier: Apache-2.0

package echov5

import (
	"github.com/labstack/echo/v5"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// Option configures [New]; any option of package adapter is an Option too. If an option that uses
// Echo's Context and one that uses the http.Request are given for the same thing, adapter's route,
// scheme, client address and span name win, attributes add up, and a request is skipped if either
// option skips it.
type Option = adapter.Option

// config is what Echo adds to the configuration. It does not change once New has returned.
type config struct {
	skip             func(*echo.Context) bool
	spanName         func(*echo.Context) string
	spanAttributes   func(*echo.Context) []attribute.KeyValue
	metricAttributes func(*echo.Context) []attribute.KeyValue
	onError          func(*echo.Context, error)
}

// WithSkipper leaves the requests for which skip returns true alone: no Request, no span, no
// metrics, no line. By default no request is skipped.
func WithSkipper(skip func(*echo.Context) bool) Option {
	return adapter.Extend("WithSkipper", skip != nil, func(c *config) { c.skip = skip })
}

// WithOnError sets a function that handles the error of a handler, inside the request, before
// anything outside sees it. If it writes the response, this middleware does not run Echo's error
// handler; if it calls c.Echo().HTTPErrorHandler, that runs once. By default nothing is done.
func WithOnError(f func(*echo.Context, error)) Option {
	return adapter.Extend("WithOnError", f != nil, func(c *config) { c.onError = f })
}

// WithSpanNameFormatter sets the function that names the span. It is called when the span starts,
// and again if the route becomes known later. By default, and if it returns "", the name is the
// method and the route: "GET /orders/:id".
func WithSpanNameFormatter(name func(*echo.Context) string) Option {
	return adapter.Extend("WithSpanNameFormatter", name != nil, func(c *config) { c.spanName = name })
}

// WithSpanAttributes adds attributes to the span when it starts, where samplers see them; they win
// over the conventions' attributes. The default is no attributes.
func WithSpanAttributes(attributes func(*echo.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithSpanAttributes", attributes != nil, func(c *config) { c.spanAttributes = attributes })
}

// WithMetricAttributes adds attributes to the metrics of a request when it has been handled; the
// conventions' attributes win. Each distinct value is a separate time series: take values from a
// fixed set. If the answer to an error is given outside, attributes is called again when that is
// known, and the second result counts, so that the status of the response is what the client gets.
// The default is no attributes.
func WithMetricAttributes(attributes func(*echo.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithMetricAttributes", attributes != nil, func(c *config) { c.metricAttributes = attributes })
}
