// SPDX-License-Identifier: Apache-2.0

// Package ginmiddleware makes a Gin server tell one story for each request: the
// request has an identity that every log line, span, goroutine and job of it finds,
// a server span, its metrics, and one line that says how it ended. It does for Gin
// what package middleware does for Echo v4.
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
// They have the names of those in package middleware. Any option of package adapter
// is one too: those that do not ask Gin's Context are adapter's own, here under the
// same names, and what is not here can be given all the same.
//
// # Order
//
// Register it first, with Use and before the routes. What stands outside of it is outside
// of the request: its lines have no ids unless they are logged with c.Request.Context(),
// which carries everything, also after the handler has returned.
//
// # Contexts
//
// A gin.Context is a context.Context, and carries what the request's does only where
// Engine.ContextWithFallback is set. Without it the request is found through a
// gin.Context, as without any ctx, where store.Ambient is true; what else is to find it
// is given c.Request.Context(). A goroutine that outlives its handler takes c.Copy(), as
// Gin says, and has the request.
//
// # Errors
//
// The last error in c.Errors is on the completion line and, where the server failed, on
// the span. One that is attached when a good status is out already is the server's
// failure. Where errors are attached and nothing is answered, the exchange ends with the
// answer that a middleware outside gives. A panic is recorded and goes on: answering it
// is Recovery's work. Of a panic that gin.Recovery inside answers only the stack is
// known; give [Recovered] to gin.CustomRecovery for the value. Span, metrics and
// completion line have the status that the client got, and none where it got none.
//
// A 5xx, a panic, and an error after the response was out are the server's errors:
// status Error and error.type. A 4xx is not, nor is a client that went away: its
// completion line says client_gone.
//
// # Writers
//
// Gin keeps a status until something is written or every handler has returned. It is
// recorded as it goes out; one that is still kept when the middleware returns is
// recorded as it is then. The bytes of an answer that Engine.HandleContext gives are
// recorded as Gin counts them.
//
// # Trust
//
// What package middleware says. The client's address is that of the peer: Gin's
// ClientIP believes X-Forwarded-For of any sender unless Engine.SetTrustedProxies says
// otherwise. Then say WithClientAddress((*gin.Context).ClientIP).
//
// # Concurrency
//
// The middleware is safe for concurrent use; functions given as options are called
// concurrently. A gin.Context is used by one request after another, and must not
// leave its handler; its copy and the context of the request may.
//
// # Without the ambient half
//
// Where store.Ambient is false everything is in c.Request.Context() alone.
package ginmiddleware
