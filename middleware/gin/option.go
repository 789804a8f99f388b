// SPDX-License-Identifier: Apache-2.0

package ginmiddleware

import (
	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// Option configures [New], and any option of package adapter is one. Where two that
// ask Gin's Context and the http.Request for the same are given, adapter's route,
// scheme, client address and span name win, attributes add up, and a request is
// skipped if either says so.
type Option = adapter.Option

// config is what Gin adds to the configuration. It does not change once New has
// returned.
type config struct {
	skip             func(*gin.Context) bool
	spanName         func(*gin.Context) string
	spanAttributes   func(*gin.Context) []attribute.KeyValue
	metricAttributes func(*gin.Context) []attribute.KeyValue
	client           func(*gin.Context) string
}

// WithSkipper leaves the requests for which skip returns true alone: no Request, no
// span, no metrics, no line. The default is none.
func WithSkipper(skip func(*gin.Context) bool) Option {
	return adapter.Extend("WithSkipper", skip != nil, func(c *config) { c.skip = skip })
}

// WithClientAddress sets how the client's address is found, which behind proxies that
// Engine.SetTrustedProxies names is (*gin.Context).ClientIP. The default, also where it
// returns "", is the peer's.
func WithClientAddress(client func(*gin.Context) string) Option {
	return adapter.Extend("WithClientAddress", client != nil, func(c *config) { c.client = client })
}

// WithSpanNameFormatter sets the name of the span. It is called when the span
// starts, and again if the route becomes known later; where it returns "" the name
// is the default, the method and the route: "GET /orders/:id".
func WithSpanNameFormatter(name func(*gin.Context) string) Option {
	return adapter.Extend("WithSpanNameFormatter", name != nil, func(c *config) { c.spanName = name })
}

// WithSpanAttributes adds attributes to the span when it starts, where samplers
// see them; they win over those of the conventions. The default is none.
func WithSpanAttributes(attributes func(*gin.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithSpanAttributes", attributes != nil, func(c *config) { c.spanAttributes = attributes })
}

// WithMetricAttributes adds attributes to the metrics of a request when it has been
// handled; those of the conventions win. Each distinct value is a time series of
// its own: take them from a fixed set. Where the answer is given outside, attributes
// is called once more when that is known, and what it returns then counts: so
// c.Writer.Status is what the client gets. The default is none.
func WithMetricAttributes(attributes func(*gin.Context) []attribute.KeyValue) Option {
	return adapter.Extend("WithMetricAttributes", attributes != nil, func(c *config) { c.metricAttributes = attributes })
}
