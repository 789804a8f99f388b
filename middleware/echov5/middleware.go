// SPDX-License-Identifier: Apache-2.0

package echov5

import (
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// ScopeName is the instrumentation scope of the spans and metrics.
const ScopeName = "github.com/asynclocal/asynclocal/middleware/echov5"

// Version is the version of the instrumentation scope.
const Version = asynclocal.Version

// New returns the middleware. Register it first, with Use, so that everything else
// happens inside the request; Pre works too, and then the route is known only when
// the handler has returned. On a request that is inside an exchange of ours already
// it does nothing but name the route, so that it may be registered twice, or inside
// a handler that package nethttp has wrapped.
//
// New panics if the options make no sense, and says which one and why.
func New(opts ...Option) echo.MiddlewareFunc {
	m := &instance{config: &config{}}
	m.adapter = adapter.New(adapter.Scope{Name: ScopeName, Version: Version}, m.config, opts...)
	return m.middleware
}

// instance is one middleware. It is safe for concurrent use.
type instance struct {
	config  *config
	adapter *adapter.Instrumentation
}

func (m *instance) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error { return m.handle(c, next) }
}

func (m *instance) handle(c *echo.Context, next echo.HandlerFunc) error {
	if m.config.skip != nil && m.config.skip(c) || m.adapter.Skips(c.Response(), c.Request(), c.Path()) {
		return next(c)
	}
	k := &call{instance: m, c: c, next: next}
	k.Run(m.adapter, writer(c), c.Request(), m.inbound(c), k)
	return k.err
}

func (m *instance) inbound(c *echo.Context) adapter.Inbound {
	in := adapter.Inbound{Route: c.Path(), Scheme: c.Scheme()}
	// The peer cannot be made up; a header can, unless Echo is told whom to believe.
	if e := c.Echo(); e != nil && e.IPExtractor != nil {
		in.Client = e.IPExtractor(c.Request())
	}
	if m.config.spanName != nil {
		in.SpanName = func() string { return m.config.spanName(c) }
	}
	if m.config.spanAttributes != nil {
		in.Attributes = m.config.spanAttributes(c)
	}
	return in
}

// writer is what stands where the recorder belongs: under the echo.Response, which handlers then
// still find in its place, unless a middleware outside has put a writer of its own around that.
// It may keep what it is given until the handler has returned, so the recorder has to be the
// first to get it.
func writer(c *echo.Context) http.ResponseWriter {
	if response, ok := c.Response().(*echo.Response); ok {
		return response.ResponseWriter
	}
	return c.Response()
}
