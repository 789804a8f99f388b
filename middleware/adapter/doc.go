// SPDX-License-Identifier: Apache-2.0

// Package adapter is the base for middleware of web frameworks: it implements the whole path of an
// HTTP request, from reading its id to writing the line that says how it ended. Packages
// middleware, middleware/echov5, middleware/gin, middleware/nethttp and middleware/otelecho are
// built on it, and so can be middleware for any framework whose handlers return errors, know their
// route in another way, or take more than an http.Request. If a framework serves an http.Handler,
// use package middleware/nethttp.
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
// The framework provides what only it knows ([Inbound]), and how its handler left ([Outcome]); this
// package does the rest, and documents the options.
//
// # Life of an exchange
//
// [Exchange.Run] reads the request, starts the span and calls the handler inside the Request, on a
// copy of the http.Request whose context carries everything. [Exchange.Finish], called once,
// records how it ended. If something outside answers after the middleware has returned (a
// middleware that recovers, or the framework's error handler), call [Exchange.Await] instead, and
// report with [Exchange.Answered] what was answered.
//
// # Errors and panics
//
// A panic is recorded and continues, with the same stack. If something outside may answer, the
// handler must implement [Unwinder], and ask [Caller.Outermost] whether there is anything outside.
// Wrap the framework's error handler in [HandleError].
//
// # Concurrency
//
// An [Instrumentation] and a [Caller] are safe for concurrent use; functions given as options
// are called concurrently. An [Exchange] belongs to the goroutine that handles the request,
// except where its methods say otherwise.
//
// # Without the ambient half
//
// If store.Ambient is false, everything is only in the context of the handler's request.
package adapter
