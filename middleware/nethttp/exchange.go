// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// Exchange is one request and its response in the hands of an [Adapter]. Its zero
// value is ready for one Run. It is meant to be a field of the middleware's own
// record of a request, so that both are one allocation; it must not be copied.
//
// Its methods are called on the goroutine that handles the request, except where
// they say otherwise.
type Exchange struct {
	inner   exchange.Exchange
	adapter *Adapter
	w       http.ResponseWriter
	handler http.Handler      // nil when it has returned
	ending  *exchange.Pending // nil: nobody has said how it ended
}

// settled is the ending of an exchange that is not waited for.
var settled = new(exchange.Pending)

// Run calls h inside the Request: with a copy of r whose context carries the
// Request and the span, and with a writer around w that records what is answered; h
// puts both where the framework's handlers look for them. If h returns without
// having called Finish or Await, the exchange ends as with Finish and a zero Outcome;
// if it panics without, as with what Panicked makes of that, and the panic goes on.
func (x *Exchange) Run(a *Adapter, w http.ResponseWriter, r *http.Request, in Inbound, h http.Handler) {
	x.adapter, x.w, x.handler = a, w, h
	from := a.inbound(r, &in)
	x.inner.Begin(a.server, w.Header(), r, &from)
	x.inner.Run((*running)(x))
	if x.handler != nil {
		// Neither a panic nor Goexit come here: h panicked with a nil that
		// GODEBUG=panicnil=1 lets through, which recover does not tell from no panic.
		panic(nil) //nolint:govet // the panic that was
	}
}

// running is an Exchange whose handler is called; it has the method that
// exchange.Handler wants and a user of Exchange does not.
type running Exchange

func (k *running) Serve(r *http.Request) {
	x := (*Exchange)(k)
	defer func() {
		switch {
		case x.ending != nil:
		case x.handler == nil:
			x.Finish(r, Outcome{})
		default:
			value := recover()
			x.Finish(r, x.Panicked(value))
			if value != nil {
				panic(value)
			}
		}
	}()
	x.handler.ServeHTTP(x.inner.Writer(x.w), r)
	x.handler = nil
}

// SetRoute names the route where it becomes known after the request has come in:
// before a router, or in one. "" leaves it as it is. [WithRoute] wins.
func (x *Exchange) SetRoute(route string) {
	if x.adapter.config.route == nil {
		x.inner.SetRoute(route)
	}
}

// Committed reports whether the response's status is out.
func (x *Exchange) Committed() bool { return x.inner.Committed() }

// Finish says that the answer to r has been given, and how the handler left; r is
// the request as the handler has left it. It records metrics, completion line and
// span, and removes the temporary files of r's form. Only the first call of Finish
// or Await counts.
func (x *Exchange) Finish(r *http.Request, o Outcome) {
	if x.ending != nil {
		return
	}
	x.ending = settled
	inner := x.complete(r, o)
	x.inner.Finish(&inner)
}

// Await is Finish for a handler that failed, where somebody outside is going to
// answer when the middleware has returned. It reports whether there is an answer to
// come: then the middleware sees to it that [Exchange.Answered] is called. Where the
// status is out, the client has gone, or the response is given up, there is none,
// and Await is Finish.
func (x *Exchange) Await(r *http.Request, o Outcome) bool {
	if x.ending != nil {
		return false
	}
	x.ending = settled
	inner := x.complete(r, o)
	if p := x.inner.Await(&inner); p != nil {
		x.ending = p
	}
	return x.ending != settled
}

// Answered says what has been answered by now to a request that is waited for: its
// status, and how many bytes of the body, less than 0 if no byte was written. The
// exchange ends with the first byte, or with a status that has no body; what is
// answered without one otherwise, when the request's context has. If nobody answers
// within a second of that, the client got what net/http sends then: 200, and
// nothing after a panic. Where the context had a deadline that passed, there is no
// telling.
//
// It is called by the goroutine that answers, after Await, and does nothing without.
func (x *Exchange) Answered(status int, size int64) {
	if x.ending != nil && x.ending != settled {
		x.ending.Answered(status, size)
	}
}

// Remeasure asks for the Attributes of the Outcome again, where they depend on the
// answer: now that this is known, after Await and before Answered. A panic of ask goes to
// OpenTelemetry's error handler. Without Await it does nothing.
func (x *Exchange) Remeasure(ask func() []attribute.KeyValue) {
	if x.ending != nil && x.ending != settled {
		x.ending.Ask(ask)
	}
}

// complete is what is known when the handler has left.
func (x *Exchange) complete(r *http.Request, o Outcome) exchange.Outcome {
	c := x.adapter.config
	if c.route != nil {
		x.inner.SetRoute(c.route(r))
	}
	inner := exchange.Outcome{Err: o.Err, Stack: o.stack, Late: o.late, Last: o.last, Extra: o.Attributes, Asked: len(o.Attributes)}
	if c.metricAttributes != nil {
		inner.Extra = append(inner.Extra[:len(inner.Extra):len(inner.Extra)], c.metricAttributes(r)...)
	}
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll() // net/http does that for the request it made, not for our copy
	}
	return inner
}
