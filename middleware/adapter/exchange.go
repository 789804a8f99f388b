// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// Exchange is one request and its response. Its zero value is ready for one Run. Embed it in the
// middleware's own record of a request, so that both are one allocation; it must not be copied.
//
// Its methods are called on the goroutine that handles the request, except where they say
// otherwise.
//
// It does not store what can be read from the incoming request at any time.
type Exchange struct {
	inst     *Instrumentation
	incoming *http.Request
	request  *store.Request
	starter  tracing.Starter
	span     trace.Span
	ctx      context.Context // with the span; while the handler runs, with the Request
	start    time.Time

	route  *route
	name   func() string
	client string
	path   string // as received: handlers change the URL

	handler  http.Handler
	w        http.ResponseWriter     // what the recorder wraps
	read     atomic.Int64            // bytes of the request's body
	size     atomic.Int64            // bytes of the response's body
	status   atomic.Int32            // 0: not sent
	flags    atomic.Uint32           // of the recorder
	header   [2]string               // backs the response headers' values
	reported atomic.Pointer[Outcome] // a failure that is answered inside; nil: not known
	pending  *pending                // nil: the answer is not waited for
	finished atomic.Bool
	scheme   httpconv.Scheme
	stage    stage
}

// stage records how far the goroutine that handles the request has come.
type stage uint8

const (
	returned stage = 1 << iota // the handler has returned
	told                       // Finish or Await has been called
	waits                      // the exchange ends later, and elsewhere
)

// Run calls h inside the Request, with a copy of r whose context carries the Request and the span,
// and with a writer around w that records the answer; h puts both where the framework's handlers
// look for them. If h returns without having called Finish or Await, the exchange ends as with
// Finish and a zero Outcome. If h panics without having called them, the exchange ends as
// [Unwinder] says, and the panic continues with the same stack.
func (x *Exchange) Run(i *Instrumentation, w http.ResponseWriter, r *http.Request, in Inbound, h http.Handler) {
	if h == nil {
		panic("adapter: Run with a nil handler; pass the one that handles the request")
	}
	x.inst, x.incoming, x.handler = i, r, h
	in.complete(i, r)
	x.route = i.routes.find(r.Method, in.Route)
	x.name, x.scheme, x.client = in.SpanName, httpconv.SchemeOf(in.Scheme, r.TLS != nil), in.Client
	x.request = i.newRequest(w.Header(), r)
	x.request.SetName(x.route.name)
	x.startSpan(in.Attributes)
	i.metrics.begin(x)
	x.answer(w.Header())
	x.around(w)
	x.request.Run(x.ctx, x.serve)
	if x.stage&returned == 0 {
		// Neither a panic nor Goexit comes here: h panicked with a nil that GODEBUG=panicnil=1 lets
		// through, which recover does not tell from no panic.
		panic(nil) //nolint:govet // the original panic
	}
}

// SetRoute names the route if it becomes known after the request has come in: before a router, or
// in one. "" leaves it as it is. [WithRoute] wins.
func (x *Exchange) SetRoute(route string) {
	if x.inst.config.route == nil {
		x.setRoute(route)
	}
}

func (x *Exchange) setRoute(path string) {
	if path == "" || path == x.route.path {
		return
	}
	x.route = x.inst.routes.find(x.incoming.Method, path)
	x.request.SetName(x.route.name)
	x.span.SetAttributes(x.route.attr)
	x.span.SetName(x.spanName())
}

// Incoming returns the request as it came.
func (x *Exchange) Incoming() *http.Request { return x.incoming }

// Status returns the status that was written, or 0.
func (x *Exchange) Status() int { return int(x.status.Load()) }

// Committed reports whether the response's status has been sent.
func (x *Exchange) Committed() bool { return x.Status() != 0 || x.has(hijacked) }
