// SPDX-License-Identifier: Apache-2.0

// Package nethttp gives each request of a net/http server an identity that all its log lines,
// spans, goroutines and jobs share, a server span, metrics, and one line that says how it ended. It
// does for any http.Handler what package middleware does for Echo.
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
// Around an http.ServeMux the route is known only after the handler has returned: the span gets its
// full name then, which samplers do not see. Other routers need [WithRoute].
//
// # Errors
//
// A panic is recorded, and continues. A 5xx and a panic are the server's errors: status Error and
// error.type. A 4xx is not, and neither is a client that went away: its completion line says
// client_gone. If net/http answers nothing, there is no status.
//
// # Writers
//
// The ResponseWriter that a handler gets is a Flusher, Hijacker, ReaderFrom or Pusher if the
// server's is one, and http.ResponseController can unwrap it.
//
// # Other frameworks
//
// For a framework that serves an http.Handler, use [New]. If handlers return errors, or the
// framework knows more about a request than an http.Request says, build its middleware with package
// middleware/adapter, as this one is.
//
// # Trust
//
// What package middleware says about trust holds here too; the client's address is that of the peer
// unless [WithClientAddress] says otherwise.
//
// # Concurrency
//
// The middleware is safe for concurrent use; functions given as options are called
// concurrently.
//
// # Without the ambient half
//
// If store.Ambient is false, everything is only in the context of the handler's request.
package nethttp
