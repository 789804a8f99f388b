// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// Adapter is what the middleware of a web framework is made with, where [New] does
// not do: because the framework's handlers return errors, know their route and
// their client in another way, or do not take an http.Request alone. New is made
// with it, and so is package middleware/echov5. For each request the middleware asks
// [Adapter.Skips], and then has an [Exchange] run the handler.
//
// An Adapter is safe for concurrent use.
type Adapter struct {
	config *config
	server *exchange.Server
}

// NewAdapter returns an Adapter whose spans and metrics have this instrumentation
// scope. Options made with [Extend] are applied to own, a pointer to what the
// middleware adds to the configuration, which is nil if it adds nothing.
//
// NewAdapter panics if the options make no sense, and says which one and why, after
// the last element of the scope's name.
func NewAdapter(scopeName, scopeVersion string, own any, opts ...Option) *Adapter {
	c := newConfig(scopeName, scopeVersion, own, opts)
	return &Adapter{config: c, server: exchange.NewServer(c.Config)}
}

// Extend returns an option of a framework's own: apply is called with the *C that
// NewAdapter was given, in the order of the options. So one list holds the options
// of this package, which all make sense for any server, and those that are told of
// the framework's context instead of an http.Request.
//
// Given to a middleware that has no *C, the option panics: it was made for another.
func Extend[C any](apply func(*C)) Option {
	if apply == nil {
		panic("nethttp: Extend with a nil function; pass the one that sets the option")
	}
	return option(func(c *config) {
		own, ok := c.own.(*C)
		if !ok {
			panic(fmt.Sprintf("nethttp: an option for %T was given to another middleware; give it to the New of its own package", own))
		}
		apply(own)
	})
}

// Skips reports whether r is to be handled as if there were no middleware: because
// [WithSkipper] says so, or because r, which is answered through w, is part of an
// exchange already. A middleware made with this package or with package middleware
// is outside then, and its exchange gets the route, unless that is "".
func (a *Adapter) Skips(w http.ResponseWriter, r *http.Request, route string) bool {
	if a.config.skip != nil && a.config.skip(r) {
		return true
	}
	x := exchange.Of(r, w)
	if x == nil {
		return false
	}
	x.SetRoute(a.route(r, route))
	return true
}

// route is the one that WithRoute says, else the framework's.
func (a *Adapter) route(r *http.Request, known string) string {
	if a.config.route != nil {
		return a.config.route(r)
	}
	return known
}

// Inbound is what only the framework knows of a request that comes in. Options of
// this package, which are the user's word, win over it.
type Inbound struct {
	// Route is http.route; "" where it is not known yet.
	Route string
	// Scheme is url.scheme: http, https, ws or wss. Anything else, as "" is, stands for
	// https if the connection is encrypted, else for http.
	Scheme string
	// Client is client.address; "" is the peer's.
	Client string
	// SpanName is called when the span starts, and again if the route becomes known
	// later. Where it is nil or returns "" the name is the conventions'.
	SpanName func() string
	// Attributes are on the span from its start, and win over the conventions'.
	Attributes []attribute.KeyValue
}

// inbound is in, with what the options say.
func (a *Adapter) inbound(r *http.Request, in *Inbound) exchange.Inbound {
	c := a.config
	all := exchange.Inbound{
		Route: a.route(r, in.Route), Scheme: in.Scheme, Client: in.Client,
		Name: a.spanName(r, in.SpanName), Extra: in.Attributes,
	}
	if c.scheme != nil {
		all.Scheme = c.scheme(r)
	}
	if c.client != nil {
		all.Client = c.client(r)
	}
	if c.spanAttributes != nil {
		all.Extra = append(all.Extra[:len(all.Extra):len(all.Extra)], c.spanAttributes(r)...)
	}
	return all
}

func (a *Adapter) spanName(r *http.Request, framework func() string) func() string {
	if a.config.spanName == nil {
		return framework
	}
	return func() string {
		if name := a.config.spanName(r); name != "" || framework == nil {
			return name
		}
		return framework()
	}
}
