// SPDX-License-Identifier: Apache-2.0

package middleware

import (
	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// ErrorHandler returns an echo.HTTPErrorHandler that runs h in the context of the request. It is
// for servers with other middleware outside this one, where Echo calls its error handler after the
// request's scope has been left. Without it, lines that h logs there have no ids, unless they are
// logged with the request's ctx. If this middleware is outermost, h runs in that context anyway.
//
// It also tells this middleware of err. Echo's Recover and Logger inside, and a handler that calls
// c.Error, have Echo answer an error and do not return it. With the wrapper the error is still on
// the span and the completion line, and a panic with its type and stack; without it only the status
// is, and the stack of a panic that is answered with a 5xx.
//
//	e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)
//
// It panics if h is nil.
func ErrorHandler(h echo.HTTPErrorHandler) echo.HTTPErrorHandler {
	if h == nil {
		panic("middleware: ErrorHandler of a nil function; pass e.HTTPErrorHandler, or e.DefaultHTTPErrorHandler")
	}
	return func(err error, c echo.Context) {
		adapter.HandleError(c.Request().Context(), err, func() { h(err, c) })
	}
}
