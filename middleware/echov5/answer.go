// SPDX-License-Identifier: Apache-2.0

package echov5

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"

	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// caller finds what called the middleware.
var caller = adapter.NewCaller("github.com/labstack/echo/v5", "(*Echo).serveHTTP",
	"github.com/asynclocal/asynclocal/middleware/echov5")

// answer handles what the handler returned. answered is true if nothing outside is to answer any
// more.
//
// Echo runs its error handler for any error that leaves the outermost middleware, and there is no
// way to tell it that the work is done. So if this middleware is outermost, the error is answered
// here, inside the request, and nothing outside sees it; otherwise it is passed on, and the
// exchange waits for the answer that something outside will give.
func (k *call) answer(err error) (o adapter.Outcome, answered bool) {
	if err == nil {
		return o, true
	}
	err = tooLarge(err)
	o = k.outcome(err)
	late := k.Committed()
	if k.config.onError != nil {
		k.config.onError(k.c, err)
	}
	if !caller.Outermost() {
		k.err = err
		return o, false
	}
	if late || !k.Committed() {
		k.c.Echo().HTTPErrorHandler(k.c, err)
	}
	return o, true
}

// outcome returns what err, which the handler returned, says about how it left. A Recover inside
// returns a panic with its stack.
func (k *call) outcome(err error) adapter.Outcome {
	if p := recovered(err); p != nil && p.Err != nil {
		return k.Recovered(p.Err, p.Stack)
	}
	return k.Returned(err)
}

// recovered returns the panic in err, or nil if there is no panic in it or a method of err panics.
func recovered(err error) (p *echomiddleware.PanicStackError) {
	defer func() {
		if recover() != nil {
			p = nil
		}
	}()
	errors.As(err, &p)
	return p
}

// tooLarge maps a body over the limit of http.MaxBytesReader to 413: otherwise it would be answered
// with 500, and Echo's binder makes it a 400.
//
// A method of err may panic when it is unwrapped: Echo's error handler then gets what the handler
// returned.
func tooLarge(err error) (mapped error) {
	defer func() {
		if recover() != nil {
			mapped = err
		}
	}()
	var limit *http.MaxBytesError
	if !errors.As(err, &limit) {
		return err
	}
	if status := echo.StatusCode(err); status != 0 && status != http.StatusBadRequest {
		return err
	}
	return echo.ErrStatusRequestEntityTooLarge.Wrap(fmt.Errorf("too large: %w", err))
}
