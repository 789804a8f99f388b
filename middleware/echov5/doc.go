// SPDX-License-Identifier: Apache-2.0

// Package echov5 makes an Echo v5 server tell one story for each request: the
// request has an identity that every log line, span, goroutine and job of it finds,
// a server span, its metrics, and one line that says how it ended. It does for Echo
// v5 what package middleware does for Echo v4.
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
// They have the names of those in package middleware. Any option of package nethttp
// is one too: those that do not ask Echo's Context are nethttp's own, here under the
// same names, and what is not here can be given all the same.
//
// # Order
//
// Register it first. What stands outside of it is outside of the request: its
// lines have no ids unless they are logged with c.Request().Context(), which
// carries everything, also after the handler has returned.
//
// # Errors
//
// The error of a handler runs Echo's error handler once, with this middleware
// outermost inside the request's scope. With another middleware outside, the error
// is passed on to that, and the span ends with the answer that is then given;
// [ErrorHandler] brings the error handler back into the scope. A panic is recorded
// and goes on: answering it is Recover's work. Span, metrics and completion line
// have the status that the client got, and none where it got none.
//
// A 5xx, a panic, and an error after the response was out are the server's errors:
// status Error and error.type. A 4xx is not, nor is a client that went away: its
// completion line says client_gone.
//
// A body over the limit of http.MaxBytesReader is answered 413.
//
// # Writers
//
// What is answered is recorded under the echo.Response, so that a handler finds that
// in c.Response() as without the middleware. Where something outside has put a writer
// of its own around it, as Gzip does, the recorder stands around that one, and
// echo.UnwrapResponse finds the echo.Response.
//
// # Trust
//
// What package middleware says. The client's address is that of the peer, unless
// Echo's IPExtractor says otherwise. The scheme is Echo's, which believes
// any X-Forwarded-Proto, and has no more than four values;
// [WithScheme] is for servers that must not.
//
// # Concurrency
//
// The middleware is safe for concurrent use; functions given as options are called
// concurrently. An echo.Context is used by one request after another, and must not
// leave its handler; the context of the request may.
//
// # Without the ambient half
//
// Where store.Ambient is false everything is in c.Request().Context() alone.
package echov5
