// SPDX-License-Identifier: Apache-2.0

package middleware

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
	"github.com/asynclocal/asynclocal/store"
)

// answer deals with what the handler returned, and returns what the next
// middleware outside is to see.
//
// Echo runs its error handler for whatever error leaves the outermost middleware,
// and there is no way to tell it that the work is done. So where this is the
// outermost, the error is answered here, inside the request, and nobody is left to
// hear of it; elsewhere it is passed on, and the exchange waits for the answer that
// somebody outside will give.
func (k *call) answer(err error) error {
	if err == nil {
		k.finish(exchange.Outcome{})
		return nil
	}
	err = tooLarge(err)
	o := exchange.Outcome{Err: err, Late: k.Committed()}
	if outermost() {
		k.c.Error(err)
		k.finish(o)
		return nil
	}
	if o.Late || k.ClientGone() {
		k.finish(o)
	} else {
		k.await(o)
	}
	return err
}

// tooLarge makes a body over the limit of http.MaxBytesReader what it is, 413: on
// its own it would be answered 500, and Echo's binder makes it a 400.
func tooLarge(err error) error {
	var limit *http.MaxBytesError
	if !errors.As(err, &limit) {
		return err
	}
	var he *echo.HTTPError
	if errors.As(err, &he) && he.Code != http.StatusBadRequest {
		return err
	}
	// Wrapped, because Echo's error handler answers with an inner echo.HTTPError.
	return echo.ErrStatusRequestEntityTooLarge.WithInternal(fmt.Errorf("too large: %w", err))
}

// ErrorHandler returns an echo.HTTPErrorHandler that runs h in the context of the
// request: for a server that has other middleware outside this one, where Echo
// calls its error handler when the request's scope has been left. Without it the
// lines that h logs there have no ids, unless they are logged with the request's
// ctx. Where this middleware is the outermost it changes nothing.
//
//	e.HTTPErrorHandler = middleware.ErrorHandler(e.HTTPErrorHandler)
//
// It panics if h is nil.
func ErrorHandler(h echo.HTTPErrorHandler) echo.HTTPErrorHandler {
	if h == nil {
		panic("middleware: ErrorHandler of a nil function; pass e.HTTPErrorHandler, or e.DefaultHTTPErrorHandler")
	}
	return func(err error, c echo.Context) {
		ctx := c.Request().Context()
		here, _ := store.Current()
		if r, ok := store.CurrentFrom(ctx); !ok || r == here {
			h(err, c)
			return
		}
		s, _ := store.FromContext(ctx)
		s.Run(func() { h(err, c) })
	}
}
