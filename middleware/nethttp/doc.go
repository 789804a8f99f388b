// SPDX-License-Identifier: Apache-2.0

// Package nethttp makes a net/http server tell one story for each request: the
// request has an identity that every log line, span, goroutine and job of it finds,
// a server span, its metrics, and one line that says how it ended. It does for any
// http.Handler what package middleware does for Echo.
//
//	logger := zap.New(core, logging.Correlate())
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
//		logger.Info("looking it up") // has the ids of the request
//		go audit()                   // so has what this logs
//		show(w, find(r.PathValue("id")))
//	})
//	instrument := nethttp.New(nethttp.WithLogger(logger))
//	http.ListenAndServe(":8080", instrument(mux))
//
// # Routes
//
// Around an http.ServeMux the route is known when the handler has returned: the
// span has its full name then, samplers do not see it. Other routers need
// [WithRoute].
//
// # Errors
//
// A panic is recorded, and goes on. A 5xx and a panic are the server's errors:
// status Error and error.type. A 4xx is not, nor is a client that went away: its
// completion line says client_gone. Where net/http answers nothing there is no
// status.
//
// # Writers
//
// The ResponseWriter that a handler gets is a Flusher, Hijacker, ReaderFrom or
// Pusher where the server's is one, and can be unwrapped by
// http.ResponseController.
//
// # Other frameworks
//
// What serves an http.Handler is served by [New]. Where handlers return errors, or the
// framework knows more of a request than an http.Request says, its middleware is made with
// package middleware/adapter, as this one is.
//
// # Trust
//
// What package middleware says; the client's address is that of the peer unless
// [WithClientAddress] says otherwise.
//
// # Concurrency
//
// The middleware is safe for concurrent use; functions given as options are called
// concurrently.
//
// # Without the ambient half
//
// Where store.Ambient is false everything is in the context of the handler's
// request alone.
package nethttp
