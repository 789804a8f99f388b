// SPDX-License-Identifier: Apache-2.0

package ginmiddleware

import (
	"github.com/gin-gonic/gin"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// ScopeName is the instrumentation scope of the spans and metrics.
const ScopeName = "github.com/asynclocal/asynclocal/middleware/gin"

// Version is the version of the instrumentation scope.
const Version = asynclocal.Version

// New returns the middleware. Register it first, with Use, so that everything else
// happens inside the request. On a request that is inside an exchange of ours already
// it does nothing but name the route, so that it may be registered twice, be entered
// again by Engine.HandleContext, or stand inside a handler that package nethttp has
// wrapped.
//
// New panics if the options make no sense, and says which one and why.
func New(opts ...Option) gin.HandlerFunc {
	m := &instance{config: &config{}}
	m.adapter = adapter.New(adapter.Scope{Name: ScopeName, Version: Version}, m.config, opts...)
	return m.handle
}

// instance is one middleware. It is safe for concurrent use.
type instance struct {
	config  *config
	adapter *adapter.Instrumentation
}

// handle returns without a call of Next where Gin is to go on as if it were not there.
func (m *instance) handle(c *gin.Context) {
	if m.config.skip != nil && m.config.skip(c) || m.adapter.Skips(c.Writer, c.Request, c.FullPath()) {
		return
	}
	k := &call{instance: m, c: c}
	k.Run(m.adapter, c.Writer, c.Request, m.inbound(c), k)
}

func (m *instance) inbound(c *gin.Context) adapter.Inbound {
	in := adapter.Inbound{Route: c.FullPath()}
	if m.config.client != nil {
		in.Client = m.config.client(c)
	}
	if m.config.spanName != nil {
		in.SpanName = func() string { return m.config.spanName(c) }
	}
	if m.config.spanAttributes != nil {
		in.Attributes = m.config.spanAttributes(c)
	}
	return in
}
