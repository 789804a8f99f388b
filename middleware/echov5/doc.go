// SPDX-License-Identifier: Apache-2.0

// Package echov5 gives each request of an Echo v5 server an identity that all its log lines, spans,
// goroutines and jobs share, a server span, metrics, and one line that says how it ended. It does
// for Echo v5 what package middleware does for Echo v4.
//
//	logger := zap.New(core, logging.Correlate())
//
//	e := echo.New()
//	e.Use(echov5.New(echov5.WithLogger(logger)))
//	e.Use(echomiddleware.Recover())
//
//	e.GET("/orders/:id", func(c *echo.Context) error {
//		logger.Info("looking it up") // has the ids of the request
//		go audit()                   // so has what this logs
//		return c.JSON(http.StatusOK, find(c.Param("id")))
//	})
//
// # Options
//
// The options have the names of those in package middleware. Any option of package nethttp can be
// given too: options that do not use Echo's Context are nethttp's own, re-exported here under the
// same names, and the others of nethttp work as well.
//
// # Order
//
// Register it first. Middleware outside it runs outside the request: its lines have no ids unless
// they are logged with c.Request().Context(), which carries everything, even after the handler has
// returned.
//
// # Errors
//
// If this middleware is outermost, a handler's error runs Echo's error handler once, inside the
// request's scope. If another middleware is outside, the error is passed on to that, and the span
// ends with the answer that is then given; [ErrorHandler] brings the error handler back into the
// scope. A panic is recorded and continues: answering it is up to Recover. Span, metrics and
// completion line have the status that the client got, and no status if it got nothing.
//
// A 5xx, a panic, and an error after the response was sent are the server's errors: status Error
// and error.type. A 4xx is not, and neither is a client that went away: its completion line says
// client_gone.
//
// A body over the limit of http.MaxBytesReader is answered with 413.
//
// # Writers
//
// The answer is recorded beneath the echo.Response, so a handler finds an echo.Response in
// c.Response() as it does without the middleware. If a middleware outside has put its own writer
// around the echo.Response, as Gzip does, the recorder wraps that writer, and echo.UnwrapResponse
// finds the echo.Response.
//
// # Trust
//
// What package middleware says about trust holds here too. The client's address is that of the
// peer, unless Echo's IPExtractor says otherwise. The scheme is Echo's, which trusts any
// X-Forwarded-Proto, and has at most four values; use [WithScheme] for servers that must not trust
// it.
//
// # Concurrency
//
// The middleware is safe for concurrent use; functions given as options are called concurrently.
// Echo reuses an echo.Context for later requests, so it must not leave its handler; the context of
// the request may.
//
// # Without the ambient half
//
// If store.Ambient is false, everything is only in c.Request().Context().
package echov5
