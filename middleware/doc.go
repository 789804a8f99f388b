// SPDX-License-Identifier: Apache-2.0

// Package middleware gives each request of an Echo v4 server an identity that all its log lines,
// spans, goroutines and jobs share, a server span, metrics, and one line that says how it ended.
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
// Register it first. Middleware outside it runs outside the request: its lines have no ids unless
// they are logged with c.Request().Context(), which carries everything, even after the handler has
// returned.
//
// # Errors
//
// If this middleware is outermost, a handler's error runs Echo's error handler once, inside the
// request's scope. If another middleware is outside, the error is passed on to that, and the span
// ends with the answer that is then given; [ErrorHandler] brings the error handler back into the
// scope. A panic is recorded and continues: answering it is up to Recover. If Recover is inside,
// only the error handler learns of the panics that it answers, so wrap the error handler. Span,
// metrics and completion line have the status that the client got, and no status if it got nothing.
//
// A 5xx, a panic, and an error after the response was sent are the server's errors: status Error
// and error.type. A 4xx is not, and neither is a client that went away: its completion line says
// client_gone.
//
// A body over the limit of http.MaxBytesReader is answered with 413.
//
// # Trust
//
// A request's id is accepted if it is 1 to 128 characters of [A-Za-z0-9._~+/=:-], and replaced
// otherwise. Malformed input from a client counts as absent, never as an error, and is bounded
// before it is recorded. The client's address is that of the peer, unless Echo's IPExtractor says
// otherwise. Metrics have no attribute whose values a client can choose. Use [WithPublicEndpoint]
// for servers that untrusted clients call.
//
// # Names
//
// Spans, metrics and attributes follow the stable OpenTelemetry semantic conventions for HTTP
// servers, of package semconv/v1.43.0.
//
// # Concurrency
//
// The middleware is safe for concurrent use; functions given as options are called
// concurrently.
//
// # Without the ambient half
//
// If store.Ambient is false, everything is only in c.Request().Context().
package middleware
