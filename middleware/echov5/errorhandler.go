// SPDX-License-Identifier: Apache-2.0

package echov5

import (
	"github.com/labstack/echo/v5"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// ErrorHandler returns an echo.HTTPErrorHandler that runs h in the context of the request. It is
// for servers with other middleware outside this one, where Echo calls its error handler after the
// request's scope has been left. Without it, lines that h logs there have no ids, unless they are
// logged with the request's ctx. If this middleware is outermost, h runs in that context anyway.
//
// It also tells this middleware of err, so that an error which something inside has Echo answer,
// and does not return, is on the span and the completion line.
//
//	e.HTTPErrorHandler = echov5.ErrorHandler(e.HTTPErrorHandler)
//
// It panics if h is nil.
func ErrorHandler(h echo.HTTPErrorHandler) echo.HTTPErrorHandler {
	if h == nil {
		panic("echov5: ErrorHandler of a nil function; pass e.HTTPErrorHandler, or echo.DefaultHTTPErrorHandler(false)")
	}
	return func(c *echo.Context, err error) {
		adapter.HandleError(c.Request().Context(), err, func() { h(c, err) })
	}
}
