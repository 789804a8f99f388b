// SPDX-License-Identifier: Apache-2.0

// Package middleware makes an Echo v4 server tell one story for each request: the
// request has an identity that every log line, span, goroutine and job of it finds,
// a server span, its metrics, and one line that says how it ended.
//
//	logger := zap.New(core, logging.Correlate())
//
//	e := echo.New()
//	e.Use(middleware.New(middleware.WithLogger(logger)))
//	e.Use(echomiddleware.Recover())
//	e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)
//
//	e.GET("/orders/:id", func(c echo.Context) error {
//		logger.Info("looking it up") // has the ids of the request
//		go audit()                   // so has what this logs
//		return c.JSON(http.StatusOK, find(c.Param("id")))
//	})
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
// and goes on: answering it is Recover's work, and of what Recover inside answers the
// error handler alone hears, so wrap it. Span, metrics and completion line
// have the status that the client got, and none where it got none.
//
// A 5xx, a panic, and an error after the response was out are the server's errors:
// status Error and error.type. A 4xx is not, nor is a client that went away: its
// completion line says client_gone.
//
// A body over the limit of http.MaxBytesReader is answered 413.
//
// # Trust
//
// A request's id is taken over if it is 1 to 128 characters of
// [A-Za-z0-9._~+/=:-], and replaced otherwise. What a client sends is absent if it
// is malformed, never an error, and bounded before it is recorded. The client's
// address is that of the peer, unless Echo's IPExtractor says otherwise. Metrics
// have no attribute whose values a client can choose. [WithPublicEndpoint] is for
// servers that strangers call.
//
// # Names
//
// Spans, metrics and attributes are those of the stable OpenTelemetry semantic
// conventions for HTTP servers, of package semconv/v1.43.0.
//
// # Concurrency
//
// The middleware is safe for concurrent use; functions given as options are called
// concurrently.
//
// # Without the ambient half
//
// Where store.Ambient is false everything is in c.Request().Context() alone.
package middleware
