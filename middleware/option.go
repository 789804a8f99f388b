// SPDX-License-Identifier: Apache-2.0

package middleware

import (
	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/adapter"
	"github.com/asynclocal/asynclocal/middleware/internal/echov4"
)

// Option configures [New], and any option of package adapter is one. Where two that ask Echo's
// Context and the http.Request for the same are given, adapter's route, scheme, client address
// and span name win, attributes add up, and a request is skipped if either says so.
type Option = adapter.Option

// WithSkipper leaves the requests for which skip returns true alone: no Request, no
// span, no metrics, no line. The default is none.
func WithSkipper(skip func(echo.Context) bool) Option {
	return adapter.Extend("WithSkipper", skip != nil, func(c *echov4.Config) { c.Skip = skip })
}

// WithOnError sets what is done with the error of a handler, inside the request,
// before anything outside sees it. If it writes the response, Echo's error handler is
// not run by this middleware; one that calls c.Error runs it, once. The default is
// that nothing is done.
func WithOnError(f func(echo.Context, error)) Option {
	return adapter.Extend("WithOnError", f != nil, func(c *echov4.Config) { c.OnError = f })
}

// WithSpanNameFormatter sets the name of the span. It is called when the span
// starts, and again if the route becomes known later; where it returns "" the name
// is the default, the method and the route: "GET /orders/:id".
func WithSpanNameFormatter(name func(echo.Context) string) Option {
	return adapter.Extend("WithSpanNameFormatter", name != nil, func(c *echov4.Config) { c.SpanName = name })
}

// WithSpanAttributes adds attributes to the span when it starts, where samplers
// see them; they win over those of the conventions. The default is none.
func WithSpanAttributes(attributes func(echo.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithSpanAttributes", attributes != nil, func(c *echov4.Config) { c.SpanAttributes = attributes })
}

// WithMetricAttributes adds attributes to the metrics of a request when it has been
// handled; those of the conventions win. Each distinct value is a time series of
// its own: take them from a fixed set. Where the answer to an error is given outside,
// attributes is called once more when that is known, and what it returns then counts: so
// c.Response().Status is what the client gets. The default is none.
func WithMetricAttributes(attributes func(echo.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithMetricAttributes", attributes != nil, func(c *echov4.Config) { c.MetricAttributes = attributes })
}
