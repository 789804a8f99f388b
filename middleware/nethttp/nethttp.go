// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
	"net/http"
	"runtime/debug"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// ScopeName is the instrumentation scope of the spans and metrics.
const ScopeName = "github.com/asynclocal/asynclocal/middleware/nethttp"

// Version is the version of the instrumentation scope.
const Version = "0.1.0"

// New returns the middleware. Put it outside of everything else. On a request that
// is inside an exchange of ours already it does nothing but name the route, where
// that is known by then; so it may stand around a server and around one of its
// routes.
//
// New panics if the options make no sense, and says which one and why.
func New(opts ...Option) func(http.Handler) http.Handler {
	c := newConfig(opts)
	m := &instance{config: c, server: exchange.NewServer(c.Config)}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { m.handle(w, r, next) })
	}
}

// instance is one middleware. It is safe for concurrent use.
type instance struct {
	config *config
	server *exchange.Server
}

func (m *instance) handle(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if m.config.skip != nil && m.config.skip(r) {
		next.ServeHTTP(w, r)
		return
	}
	if x := exchange.Of(r, w); x != nil {
		x.SetRoute(m.route(r))
		next.ServeHTTP(w, r)
		return
	}
	k := &call{instance: m, w: w, next: next}
	in := m.inbound(r)
	k.Begin(m.server, w.Header(), r, &in)
	k.Run(k)
}

func (m *instance) inbound(r *http.Request) exchange.Inbound {
	in := exchange.Inbound{Route: m.route(r), Scheme: "http"}
	if r.TLS != nil {
		in.Scheme = "https"
	}
	if m.config.scheme != nil {
		in.Scheme = m.config.scheme(r)
	}
	if m.config.client != nil {
		in.Client = m.config.client(r)
	}
	if m.config.spanName != nil {
		in.Name = func() string { return m.config.spanName(r) }
	}
	if m.config.spanAttributes != nil {
		in.Extra = m.config.spanAttributes(r)
	}
	return in
}

func (m *instance) route(r *http.Request) string {
	if m.config.route != nil {
		return m.config.route(r)
	}
	return httpconv.Route(r.Pattern)
}

// call is one request on its way through the middleware.
type call struct {
	exchange.Exchange
	*instance
	w    http.ResponseWriter
	next http.Handler
}

// Serve is what happens inside the Request. A panic goes on, from the same stack.
func (k *call) Serve(r *http.Request) {
	left := false
	defer func() {
		if left {
			return
		}
		value := recover()
		if value == nil {
			k.finish(r, exchange.Outcome{Err: exchange.ErrGoexit})
			return
		}
		o := exchange.Outcome{Err: &exchange.Panic{Value: value}}
		if value != http.ErrAbortHandler { //nolint:errorlint // net/http compares so
			o.Stack = debug.Stack()
		}
		k.finish(r, o)
		panic(value)
	}()
	k.next.ServeHTTP(k.Writer(k.w), r)
	left = true
	k.finish(r, exchange.Outcome{})
}

func (k *call) finish(r *http.Request, o exchange.Outcome) {
	k.SetRoute(k.route(r))
	if k.config.metricAttributes != nil {
		o.Extra = k.config.metricAttributes(r)
	}
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // net/http does that for the request it made, not for our copy
	}
	k.Finish(&o)
}
