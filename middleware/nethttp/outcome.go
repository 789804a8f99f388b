// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
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
// out already is the server's failure, though the status does not say it.
func (x *Exchange) Returned(err error) Outcome {
	return Outcome{Err: err, late: err != nil && x.Committed()}
}

// Panicked is the outcome of a handler that panicked with value, and nil stands for
// runtime.Goexit. Ask for it in the deferred function that recovers, which then sends
// the panic on: it takes the stack.
func (x *Exchange) Panicked(value any) Outcome {
	o := exchange.PanickedWith(value)
	return Outcome{Err: o.Err, stack: o.Stack, last: o.Last}
}
