// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// Config is what Echo adds to the configuration. Its fields mirror the options of the packages that
// export them, where each is documented. It does not change once New has returned.
type Config struct {
	Skip             func(echo.Context) bool
	SpanName         func(echo.Context) string
	SpanAttributes   func(echo.Context) []attribute.KeyValue
	MetricAttributes func(echo.Context) []attribute.KeyValue
	OnError          func(echo.Context, error)

	// IncomingAttributes are also on the metrics; they are made from the request as it came.
	IncomingAttributes func(*http.Request) []attribute.KeyValue
}

// New returns the middleware.
func New(scope adapter.Scope, opts ...adapter.Option) echo.MiddlewareFunc {
	m := &instance{config: &Config{}}
	m.adapter = adapter.New(scope, m.config, opts...)
	return m.middleware
}

// instance is one middleware. It is safe for concurrent use.
type instance struct {
	config  *Config
	adapter *adapter.Instrumentation
}

// middleware is called for each request: its result is one allocation, which a method of a record
// of both would not be.
func (m *instance) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error { return m.handle(c, next) }
}

func (m *instance) handle(c echo.Context, next echo.HandlerFunc) error {
	if m.config.Skip != nil && m.config.Skip(c) || m.adapter.Skips(c.Response(), c.Request(), c.Path()) {
		return next(c)
	}
	k := &call{instance: m, c: c, next: next}
	k.Run(m.adapter, c.Response().Writer, c.Request(), m.inbound(c), k)
	return k.err
}

func (m *instance) inbound(c echo.Context) adapter.Inbound {
	in := adapter.Inbound{Route: c.Path(), Scheme: c.Scheme()}
	// Without an extractor Echo trusts any X-Forwarded-For: then the client is the peer, whose
	// address cannot be forged.
	if extract := c.Echo().IPExtractor; extract != nil {
		in.Client = extract(c.Request())
	}
	if m.config.SpanName != nil {
		in.SpanName = func() string { return m.config.SpanName(c) }
	}
	if m.config.SpanAttributes != nil {
		in.Attributes = m.config.SpanAttributes(c)
	}
	return in
}
