// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// clientGone reports whether the client has left, or broke off its request.
func (x *Exchange) clientGone() bool {
	return errors.Is(x.base().Err(), context.Canceled) || x.has(failed|broken)
}

// aborted reports whether the handler gave up the response on purpose.
func (o *Outcome) aborted() bool { return text.Is(o.Err, http.ErrAbortHandler) }

// result is what an outcome amounts to.
type result struct {
	status    int    // what the client got; 0 if it got nothing
	errorType string // error.type; "" if the exchange went well
	gone      bool   // the client had left, or broke off its request
}

// result determines what the client got. The client's disappearance, and its mistakes, are not the
// server's errors; a panic is, even if there is no client left to see it.
func (x *Exchange) result(o *Outcome) (r result) {
	r.status = x.sent(o)
	switch {
	case r.status == 0:
		r.gone = x.clientGone()
	case (r.status >= 500 || r.status == clientClosed) && x.has(lost):
		r.status, r.gone = 0, true
	default:
		r.gone = x.has(failed)
	}
	switch {
	case o.aborted():
		if !r.gone {
			r.errorType = "net/http.ErrAbortHandler"
		}
	case o.panicked():
		r.errorType = typeOf(o.Err)
		r.gone = false
	case r.gone:
	case r.status >= 500:
		r.errorType = strconv.Itoa(r.status)
	case o.late:
		r.errorType = typeOf(o.Err)
	case r.status == 0 && x.expired():
		r.errorType = typeOf(x.base().Err())
	}
	return r
}

// clientClosed is what proxies, including Echo's, answer to a client that has gone.
const clientClosed = 499

// expired reports whether a deadline has passed that something outside has set for the request.
// What that answered then is not visible here.
func (x *Exchange) expired() bool { return errors.Is(x.base().Err(), context.DeadlineExceeded) }

func typeOf(err error) string {
	return text.Type(err, httpconv.MaxErrorType, func(err error) string { return semconv.ErrorType(err).Value.AsString() })
}

// message returns the text of Err. It is asked for once, because methods of errors may be slow.
func (o *Outcome) message() string {
	if o.said == "" && o.Err != nil {
		o.said = text.Error(o.Err, httpconv.MaxError)
	}
	return o.said
}

// sent returns the status that was written, or 0.
func (x *Exchange) sent(o *Outcome) int {
	switch seen := int(x.status.Load()); {
	case o.status != 0:
		return o.status
	case x.expired() && x.recorder().overruled():
		return http.StatusServiceUnavailable
	case seen != 0:
		return seen
	case x.has(hijacked):
		if x.incoming.Header.Get("Upgrade") != "" {
			return http.StatusSwitchingProtocols
		}
		return 0
	case o.panicked() || x.clientGone() || x.expired():
		return 0
	}
	return http.StatusOK // which net/http sends for a handler that wrote nothing
}
