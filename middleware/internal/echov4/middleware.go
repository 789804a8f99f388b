// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"net/http"
	"runtime/debug"

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
	MetricAttributes func(echo.Context) []attribute.KeyValue
	OnError          func(echo.Context, error)
}

// New returns the middleware that c, which is not checked, describes.
func New(c Config) echo.MiddlewareFunc {
	m := &instance{config: c, server: exchange.NewServer(c.Config)}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return m.handle(c, next) }
	}
}

// instance is one middleware. It is safe for concurrent use.
type instance struct {
	config Config
	server *exchange.Server
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

// call is one request on its way through the middleware.
type call struct {
	exchange.Exchange
	*instance
	c    echo.Context
	next echo.HandlerFunc
	err  error
}

// Serve is what happens inside the Request.
func (k *call) Serve(r *http.Request) {
	k.c.SetRequest(r)
	response := k.c.Response()
	before := response.Writer
	response.Writer = k.Writer(before)
	left := false
	defer func() {
		response.Writer = before
		if !left {
			k.unwind(recover())
		}
	}()
	k.err = k.answer(k.next(k.c))
	left = true
}

// unwind is what happens when the handler panicked, or called runtime.Goexit. The
// panic goes on, from the same stack.
func (k *call) unwind(value any) {
	if value == nil {
		k.finish(exchange.Outcome{Err: exchange.ErrGoexit})
		return
	}
	o := exchange.Outcome{Err: &exchange.Panic{Value: value}}
	if value != http.ErrAbortHandler { //nolint:errorlint // net/http compares so
		o.Stack = debug.Stack()
	}
	if k.Committed() || value == http.ErrAbortHandler || walk(nil) { //nolint:errorlint // as above
		k.finish(o)
	} else {
		k.await(o)
	}
	panic(value)
}

// finish ends the exchange.
func (k *call) finish(o exchange.Outcome) {
	k.complete(&o)
	k.Finish(&o)
}

// complete adds to o what has to be asked while the echo.Context is ours.
func (k *call) complete(o *exchange.Outcome) {
	k.SetRoute(k.c.Path())
	o.Extra = k.metricAttributes()
	if form := k.c.Request().MultipartForm; form != nil {
		_ = form.RemoveAll() // net/http does that for the request it made, not for our copy
	}
}

func (k *call) metricAttributes() []attribute.KeyValue {
	if k.config.MetricAttributes == nil {
		return nil
	}
	return k.config.MetricAttributes(k.c)
}
