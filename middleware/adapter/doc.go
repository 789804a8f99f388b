// SPDX-License-Identifier: Apache-2.0

// Package adapter is what the middleware of a web framework is made with: the one path of an
// HTTP request, from the id that it comes with to the line that says how it ended. Packages
// middleware, middleware/echov5, middleware/gin, middleware/nethttp and middleware/otelecho
// stand on it, and so can that of any framework whose handlers return errors, know their
// route in another way, or do not take an http.Request alone. What serves an http.Handler is served by
// package middleware/nethttp.
//
//	i := adapter.New(adapter.Scope{Name: "example.com/failing", Version: "1.0.0"}, nil, opts...)
//
//	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//		if i.Skips(w, r, route) {
//			serve(w, r)
//			return
//		}
//		x := new(adapter.Exchange)
//		x.Run(i, w, r, adapter.Inbound{Route: route}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//			err := next(w, r)
//			o := x.Returned(err)
//			if err != nil {
//				fail(w, err)
//			}
//			x.Finish(r, o)
//		}))
//	})
//
// The framework says what only the framework knows ([Inbound]), and how its handler left
// ([Outcome]); all else is done here, and the options are described here.
//
// # Life of an exchange
//
// [Exchange.Run] reads the request, starts the span and calls the handler inside the
// Request, on a copy of the http.Request whose context carries everything. [Exchange.Finish],
// once, records how it ended. Where something outside answers when the middleware has
// returned, a middleware that recovers or the framework's error handler, [Exchange.Await]
// takes its place, and the middleware says with [Exchange.Answered] what was answered.
//
// # Errors and panics
//
// A panic is recorded and goes on, from the same stack. A framework that may be answered for
// outside implements [Unwinder], and learns from [Caller.Outermost] whether there is anything
// outside. Its error handler is wrapped in [HandleError].
//
// # Concurrency
//
// An [Instrumentation] and a [Caller] are safe for concurrent use; functions given as options
// are called concurrently. An [Exchange] belongs to the goroutine that handles the request,
// except where its methods say otherwise.
//
// # Without the ambient half
//
// Where store.Ambient is false everything is in the context of the handler's request alone.
package adapter
