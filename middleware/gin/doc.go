// SPDX-License-Identifier: Apache-2.0

// Package ginmiddleware gives each request of a Gin server an identity that all its log lines,
// spans, goroutines and jobs share, a server span, metrics, and one line that says how it ended. It
// does for Gin what package middleware does for Echo v4.
//
//	logger := zap.New(core, logging.Correlate())
//
//	r := gin.New()
//	r.Use(ginmiddleware.New(ginmiddleware.WithLogger(logger)))
//	r.Use(gin.CustomRecovery(ginmiddleware.Recovered))
//
//	r.GET("/orders/:id", func(c *gin.Context) {
//		logger.Info("looking it up") // has the ids of the request
//		go audit()                   // so has what this logs
//		c.JSON(http.StatusOK, find(c.Param("id")))
//	})
//
// # Options
//
// The options have the names of those in package middleware. Any option of package adapter can be
// given too: options that do not use Gin's Context are adapter's own, re-exported here under the
// same names, and the others of adapter work as well.
//
// # Order
//
// Register it first, with Use and before the routes. Middleware outside it runs outside the
// request: its lines have no ids unless they are logged with c.Request.Context(), which carries
// everything, even after the handler has returned.
//
// # Contexts
//
// A gin.Context is a context.Context, but carries what the request's context does only if
// Engine.ContextWithFallback is set. Without it, passing a gin.Context finds the request only as
// passing no ctx does, if store.Ambient is true; for anything else pass c.Request.Context(). A
// goroutine that outlives its handler takes c.Copy(), as Gin's documentation says, and still has
// the request.
//
// # Errors
//
// The last error in c.Errors is on the completion line and, if the server failed, on the span. An
// error that is attached after a successful status was sent is the server's failure. If errors are
// attached and nothing is answered, the exchange ends with the answer that a middleware outside
// gives. A panic is recorded and continues: answering it is up to Recovery. If a gin.Recovery
// inside answers the panic, only the stack is known; give [Recovered] to gin.CustomRecovery to
// record the value too. Span, metrics and completion line have the status that the client got, and
// no status if it got nothing.
//
// A 5xx, a panic, and an error after the response was sent are the server's errors: status Error
// and error.type. A 4xx is not, and neither is a client that went away: its completion line says
// client_gone.
//
// # Writers
//
// Gin holds a status until something is written or every handler has returned. It is recorded when
// it is sent; if it is still held when the middleware returns, it is recorded as it is then. The
// bytes of an answer that Engine.HandleContext gives are recorded as Gin counts them.
//
// # Trust
//
// What package middleware says about trust holds here too. The client's address is that of the
// peer: Gin's ClientIP trusts X-Forwarded-For of any sender unless Engine.SetTrustedProxies says
// otherwise. If it does, use WithClientAddress((*gin.Context).ClientIP).
//
// # Concurrency
//
// The middleware is safe for concurrent use; functions given as options are called concurrently.
// Gin reuses a gin.Context for later requests, so it must not leave its handler; its copy and the
// context of the request may.
//
// # Without the ambient half
//
// If store.Ambient is false, everything is only in c.Request.Context().
package ginmiddleware
