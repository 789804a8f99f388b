// SPDX-License-Identifier: Apache-2.0

package echov4

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/middleware/adapter"
)

// caller finds what called the middleware.
var caller = adapter.NewCaller("github.com/labstack/echo/v4", "(*Echo).ServeHTTP",
	"github.com/asynclocal/asynclocal/middleware/internal/echov4")

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
	o = k.ReturnedAs(err, statusOf(err))
	late := k.Committed()
	if k.config.OnError != nil {
		k.config.OnError(k.c, err)
	}
	if !caller.Outermost() {
		k.err = err
		return o, false
	}
	if late || !k.Committed() {
		k.c.Error(err)
	}
	return o, true
}

// tooLarge maps a body over the limit of http.MaxBytesReader to 413: otherwise it would be answered
// with 500, and Echo's binder makes it a 400.
func tooLarge(err error) error {
	if _, ok := text.As[*http.MaxBytesError](err); !ok {
		return err
	}
	if he, ok := text.As[*echo.HTTPError](err); ok && he.Code != http.StatusBadRequest {
		return err
	}
	// Wrapped, because Echo's error handler answers with an inner echo.HTTPError.
	return echo.ErrStatusRequestEntityTooLarge.WithInternal(fmt.Errorf("too large: %w", err))
}

// statusOf returns the status that Echo answers to err. If that status was sent when the middleware
// gets err, it is the answer to err, given by Echo's Logger, for example; any other status was sent
// before.
func statusOf(err error) int {
	he, ok := err.(*echo.HTTPError) //nolint:errorlint // Echo does not unwrap
	if !ok || he == nil {
		return http.StatusInternalServerError
	}
	if cause, ok := he.Internal.(*echo.HTTPError); ok && cause != nil { //nolint:errorlint // nor here
		return cause.Code
	}
	return he.Code
}
