// SPDX-License-Identifier: Apache-2.0

package ginmiddleware

import (
	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// Option configures [New]; any option of package adapter is an Option too. If an option that uses
// Gin's Context and one that uses the http.Request are given for the same thing, adapter's route,
// scheme, client address and span name win, attributes add up, and a request is skipped if either
// option skips it.
type Option = adapter.Option

// config is what Gin adds to the configuration. It does not change once New has returned.
type config struct {
	skip             func(*gin.Context) bool
	spanName         func(*gin.Context) string
	spanAttributes   func(*gin.Context) []attribute.KeyValue
	metricAttributes func(*gin.Context) []attribute.KeyValue
	client           func(*gin.Context) string
}

// WithSkipper leaves the requests for which skip returns true alone: no Request, no span, no
// metrics, no line. By default no request is skipped.
func WithSkipper(skip func(*gin.Context) bool) Option {
	return adapter.Extend("WithSkipper", skip != nil, func(c *config) { c.skip = skip })
}

// WithClientAddress sets the function that returns the client's address. Behind proxies that
// Engine.SetTrustedProxies names, use (*gin.Context).ClientIP. By default, and if it returns "", it
// is the peer's address.
func WithClientAddress(client func(*gin.Context) string) Option {
	return adapter.Extend("WithClientAddress", client != nil, func(c *config) { c.client = client })
}

// WithSpanNameFormatter sets the function that names the span. It is called when the span starts,
// and again if the route becomes known later. By default, and if it returns "", the name is the
// method and the route: "GET /orders/:id".
func WithSpanNameFormatter(name func(*gin.Context) string) Option {
	return adapter.Extend("WithSpanNameFormatter", name != nil, func(c *config) { c.spanName = name })
}

// WithSpanAttributes adds attributes to the span when it starts, where samplers see them; they win
// over the conventions' attributes. The default is no attributes.
func WithSpanAttributes(attributes func(*gin.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithSpanAttributes", attributes != nil, func(c *config) { c.spanAttributes = attributes })
}

// WithMetricAttributes adds attributes to the metrics of a request when it has been handled; the
// conventions' attributes win. Each distinct value is a separate time series: take values from a
// fixed set. If the answer is given outside, attributes is called again when that is known, and the
// second result counts, so that c.Writer.Status is what the client gets. The default is no
// attributes.
func WithMetricAttributes(attributes func(*gin.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithMetricAttributes", attributes != nil, func(c *config) { c.metricAttributes = attributes })
}
