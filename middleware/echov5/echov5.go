// SPDX-License-Identifier: Apache-2.0

package echov5

import (
	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

// ScopeName is the instrumentation scope of the spans and metrics.
const ScopeName = "github.com/asynclocal/asynclocal/middleware/echov5"

// Version is the version of the instrumentation scope.
const Version = "0.1.0"

// New returns the middleware. Register it first, with Use, so that everything else
// happens inside the request; Pre works too, and then the route is known only when
// the handler has returned. On a request that is inside an exchange of ours already
// it does nothing but name the route, so that it may be registered twice, or inside
// a handler that package nethttp has wrapped.
//
// New panics if the options make no sense, and says which one and why.
func New(opts ...Option) echo.MiddlewareFunc {
	m := &instance{config: &config{}}
	m.adapter = nethttp.NewAdapter(ScopeName, Version, m.config, opts...)
	return m.middleware
}

// instance is one middleware. It is safe for concurrent use.
type instance struct {
	config  *config
	adapter *nethttp.Adapter
}

// link is an instance in the chain of a route. It has methods where others have
// closures, because a method has the same name in every traceback: see outermost.
type link struct {
	*instance
	next echo.HandlerFunc
}

func (m *instance) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return (&link{instance: m, next: next}).handle
}

func (l *link) handle(c *echo.Context) error {
	if l.config.skip != nil && l.config.skip(c) || l.adapter.Skips(c.Response(), c.Request(), c.Path()) {
		return l.next(c)
	}
	k := &call{link: l, c: c}
	k.Run(l.adapter, k.below(), c.Request(), l.inbound(c), k)
	if !k.left {
		// Neither a panic nor Goexit come here: the handler panicked with a nil that
		// GODEBUG=panicnil=1 lets through, which recover does not tell from no panic.
		panic(nil) //nolint:govet // the panic that was
	}
	return k.err
}

func (l *link) inbound(c *echo.Context) nethttp.Inbound {
	in := nethttp.Inbound{Route: c.Path(), Scheme: c.Scheme()}
	// The peer cannot be made up; a header can, unless Echo is told whom to believe.
	if e := c.Echo(); e != nil && e.IPExtractor != nil {
		in.Client = e.IPExtractor(c.Request())
	}
	if l.config.spanName != nil {
		in.SpanName = func() string { return l.config.spanName(c) }
	}
	if l.config.spanAttributes != nil {
		in.Attributes = l.config.spanAttributes(c)
	}
	return in
}
