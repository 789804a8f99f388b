// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
	"errors"
	"net/http"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// Outcome is how a handler left; the zero value is that of one that returned well.
type Outcome struct {
	// Err is what the handler returned, or panicked with.
	Err error
	// Attributes are added to the metrics; the conventions' win. Each distinct value
	// is a time series of its own.
	Attributes []attribute.KeyValue

	stack []byte
	late  bool // the status was out when Err came
	last  bool // nobody will answer
}

// Returned is the outcome of a handler that returned err, nil if it went well. Ask
// for it as soon as the handler has returned: an error that comes when the status is
// out already is the server's failure, though the status does not say it. The status
// that err has itself, by a method StatusCode, or 500 without, is taken for the answer
// to err, which somebody inside has given.
func (x *Exchange) Returned(err error) Outcome {
	return Outcome{Err: err, late: err != nil && x.Committed() && x.inner.Status() != statusOf(err)}
}

// statusOf asks methods of err's, which may panic.
func statusOf(err error) (status int) {
	defer func() {
		if recover() != nil || status == 0 {
			status = http.StatusInternalServerError
		}
	}()
	var coder interface{ StatusCode() int }
	if errors.As(err, &coder) {
		return coder.StatusCode()
	}
	return 0
}

// Recovered is the outcome of a handler that panicked with err, or with what somebody
// inside has made err of when he recovered the panic, and the stack that he has taken.
func (x *Exchange) Recovered(err error, stack []byte) Outcome {
	return Outcome{Err: &exchange.Panic{Value: err}, stack: stack, late: x.Committed()}
}

// Panicked is the outcome of a handler that panicked with value, and nil stands for
// runtime.Goexit. Ask for it in the deferred function that recovers, which then sends
// the panic on: it takes the stack.
func (x *Exchange) Panicked(value any) Outcome {
	o := exchange.PanickedWith(value)
	return Outcome{Err: o.Err, stack: o.Stack, last: o.Last}
}
