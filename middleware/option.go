// SPDX-License-Identifier: Apache-2.0

package middleware

import (
	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/middleware/internal/echov4"
)

// Option configures [New]; any option of package adapter is an Option too. If an option that uses
// Echo's Context and one that uses the http.Request are given for the same thing, adapter's route,
// scheme, client address and span name win, attributes add up, and a request is skipped if either
// option skips it.
type Option = adapter.Option

// WithSkipper leaves the requests for which skip returns true alone: no Request, no span, no
// metrics, no line. By default no request is skipped.
func WithSkipper(skip func(echo.Context) bool) Option {
	return adapter.Extend("WithSkipper", skip != nil, func(c *echov4.Config) { c.Skip = skip })
}

// WithOnError sets a function that handles the error of a handler, inside the request, before
// anything outside sees it. If it writes the response, this middleware does not run Echo's error
// handler; if it calls c.Error, that runs once. By default nothing is done.
func WithOnError(f func(echo.Context, error)) Option {
	return adapter.Extend("WithOnError", f != nil, func(c *echov4.Config) { c.OnError = f })
}

// WithSpanNameFormatter sets the function that names the span. It is called when the span starts,
// and again if the route becomes known later. By default, and if it returns "", the name is the
// method and the route: "GET /orders/:id".
func WithSpanNameFormatter(name func(echo.Context) string) Option {
	return adapter.Extend("WithSpanNameFormatter", name != nil, func(c *echov4.Config) { c.SpanName = name })
}

// WithSpanAttributes adds attributes to the span when it starts, where samplers see them; they win
// over the conventions' attributes. The default is no attributes.
func WithSpanAttributes(attributes func(echo.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithSpanAttributes", attributes != nil, func(c *echov4.Config) { c.SpanAttributes = attributes })
}

// WithMetricAttributes adds attributes to the metrics of a request when it has been handled; the
// conventions' attributes win. Each distinct value is a separate time series: take values from a
// fixed set. If the answer to an error is given outside, attributes is called again when that is
// known, and the second result counts, so that c.Response().Status is what the client gets. The
// default is no attributes.
func WithMetricAttributes(attributes func(echo.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithMetricAttributes", attributes != nil, func(c *echov4.Config) { c.MetricAttributes = attributes })
}
