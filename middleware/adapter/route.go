// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// route is a method and a route, with what is derived from them once.
type route struct {
	method *httpconv.Method
	path   string // "" if it is not known
	name   string // of the span and the Request: "GET /orders/:id"
	attr   attribute.KeyValue

	mu       sync.Mutex
	variants atomic.Pointer[[]variant]
}

// maxRoutes bounds what is kept. A server has a few hundred routes; a router that makes them up on
// the fly must not fill the memory.
const maxRoutes = 4096

// routes finds a route without a lock and without an allocation: to change the map, it is copied,
// which stops happening once every route has been seen.
type routes struct {
	methods httpconv.Methods
	mu      sync.Mutex
	known   atomic.Pointer[map[routeKey]*route]
}

type routeKey struct{ method, path string }

func (rs *routes) find(method, path string) *route {
	m := rs.methods.Lookup(method)
	key := routeKey{m.Span, path}
	if known := rs.known.Load(); known != nil {
		if r, ok := (*known)[key]; ok {
			return r
		}
	}
	return rs.add(key, m)
}

func (rs *routes) add(key routeKey, m *httpconv.Method) *route {
	r := &route{method: m, path: key.path, name: m.Span}
	if key.path != "" {
		r.name += " " + key.path
		r.attr = semconv.HTTPRoute(key.path)
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	next := map[routeKey]*route{}
	if known := rs.known.Load(); known != nil {
		if r, ok := (*known)[key]; ok {
			return r
		}
		if len(*known) >= maxRoutes {
			return r
		}
		next = maps.Clone(*known)
	}
	next[key] = r
	rs.known.Store(&next)
	return r
}
