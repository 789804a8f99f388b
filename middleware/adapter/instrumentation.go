// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"net/http"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/watch"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/tracing"
)

// Scope is the instrumentation scope of spans and metrics.
type Scope struct{ Name, Version string }

// Instrumentation is what all requests of one middleware share. For each of them the
// middleware asks [Instrumentation.Skips], and then has an [Exchange] run the handler.
//
// An Instrumentation is safe for concurrent use.
type Instrumentation struct {
	*config

	tracer  trace.Tracer
	metrics metrics
	routes  routes

	setsStart atomic.Bool // spans are told when they began

	address attribute.KeyValue // of WithServerName; invalid: none
	port    int

	capturedRequest, capturedResponse []capture
}

// New returns an Instrumentation whose spans and metrics have this scope. Options made with
// [Extend] are applied to own, a pointer to what the middleware adds to the configuration,
// which is nil if it adds nothing.
//
// New panics if an option is nil or was made for another middleware, after the last element
// of the scope's name.
func New(scope Scope, own any, opts ...Option) *Instrumentation {
	c := newConfig(scope, own, opts)
	if c.logger != nil {
		if w := watch.On(); w != nil && !logging.Correlates(c.logger.Core()) {
			w.Plain()
		}
		c.logger = c.logger.WithOptions(logging.Correlate())
	}
	if c.handler != nil {
		if w := watch.On(); w != nil && !logging.CorrelatesHandler(c.handler) {
			w.Plain()
		}
		c.handler = logging.NewHandler(c.handler)
	}
	i := &Instrumentation{config: c}
	i.tracer = tracing.Follow(c.tracerProvider).Tracer(scope.Name,
		trace.WithInstrumentationVersion(scope.Version), trace.WithSchemaURL(semconv.SchemaURL))
	if c.serverName != "" {
		host, port := httpconv.HostPort(c.serverName)
		i.address, i.port = semconv.ServerAddress(host), port
	}
	i.routes.methods = httpconv.NewMethods(c.knownMethods)
	i.metrics = newMetrics(scope, c)
	i.capturedRequest = captures("http.request.header.", c.requestHeaders)
	i.capturedResponse = captures("http.response.header.", c.responseHeaders)
	return i
}

// Skips reports whether r is to be handled as if there were no middleware: because
// [WithSkipper] says so, or because r, which is answered through w, is part of an exchange
// already. Another middleware made with this package is outside then, and its exchange gets
// the route, unless that is "".
func (i *Instrumentation) Skips(w http.ResponseWriter, r *http.Request, route string) bool {
	if i.skip != nil && i.skip(r) {
		return true
	}
	x := exchangeOf(r, w)
	if x == nil {
		return false
	}
	x.setRoute(i.routeOf(r, route))
	return true
}
