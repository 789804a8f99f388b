// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"net/http"

	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// Config is what the middleware is made of. Its fields mirror the options of the
// packages that have them, where each is documented.
type Config struct {
	exchange.Config

	Skip             func(echo.Context) bool
	SpanName         func(echo.Context) string
	SpanAttributes   func(echo.Context) []attribute.KeyValue
	MetricAttributes func(c echo.Context, incoming *http.Request) []attribute.KeyValue
	OnError          func(echo.Context, error)
}

// New returns the middleware that c, which is not checked, describes.
func New(c Config) echo.MiddlewareFunc {
	m := &instance{config: c, server: exchange.NewServer(c.Config)}
	return m.middleware
}

// instance is one middleware. It is safe for concurrent use.
type instance struct {
	config Config
	server *exchange.Server
}

// middleware is called for each request: what it returns is one allocation, as a
// method of a record of both would not be.
func (m *instance) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error { return m.handle(c, next) }
}

func (m *instance) handle(c echo.Context, next echo.HandlerFunc) error {
	if m.config.Skip != nil && m.config.Skip(c) {
		return next(c)
	}
	if x := exchange.Of(c.Request(), c.Response()); x != nil {
		x.SetRoute(c.Path())
		return next(c)
	}
	k := &call{instance: m, c: c, next: next}
	in := m.inbound(c)
	k.Begin(m.server, c.Response().Header(), c.Request(), &in)
	k.Run(k)
	if k.next != nil {
		// Neither a panic nor Goexit come here: the handler panicked with a nil that
		// GODEBUG=panicnil=1 lets through, which recover does not tell from no panic.
		panic(nil) //nolint:govet // the panic that was
	}
	return k.err
}

func (m *instance) inbound(c echo.Context) exchange.Inbound {
	in := exchange.Inbound{Route: c.Path(), Scheme: c.Scheme()}
	// Without an extractor Echo believes whoever sends X-Forwarded-For: then the
	// peer, which cannot be made up, is the client.
	if extract := c.Echo().IPExtractor; extract != nil {
		in.Client = extract(c.Request())
	}
	if m.config.SpanName != nil {
		in.Name = func() string { return m.config.SpanName(c) }
	}
	if m.config.SpanAttributes != nil {
		in.Extra = m.config.SpanAttributes(c)
	}
	return in
}
