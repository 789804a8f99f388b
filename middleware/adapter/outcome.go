// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/text"
)

// Outcome is how a handler left; the zero value is that of one that returned well.
type Outcome struct {
	// Err is what the handler returned, or panicked with.
	Err error
	// Route is http.route, where that is known by now, as for SetRoute.
	Route string
	// Attributes are added to the metrics; the conventions' win. Each distinct value
	// is a time series of its own.
	Attributes []attribute.KeyValue

	stack    []byte    // of a panic
	late     bool      // Err came when the status was out already: the client cannot tell from that
	last     bool      // there is no answer to come
	detached bool      // this is not the goroutine that answers: the response's headers are not ours to read
	status   int       // what was sent, where the recorder could not see it; 0: ask it
	size     int64     // the body's, where the recorder could not see it; 0: ask it
	end      time.Time // when it ended; zero: now
	asked    int       // so many of Attributes are asked for again when the answer is known
	said     string    // what Err says, once it has been asked
}

// Returned is the outcome of a handler that returned err, nil if it went well. Ask
// for it as soon as the handler has returned: an error that comes when the status is
// out already is the server's failure, though the status does not say it. The status
// that err has itself, by a method StatusCode, or 500 without, is taken for the answer
// to err, which something inside has given.
func (x *Exchange) Returned(err error) Outcome {
	if err == nil {
		return Outcome{}
	}
	return x.ReturnedAs(err, statusOf(err))
}

// ReturnedAs is [Exchange.Returned] where the framework knows which status it answers to err.
func (x *Exchange) ReturnedAs(err error, status int) Outcome {
	return Outcome{Err: err, late: x.Committed() && x.Status() != status}
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

// Recovered is the outcome of a handler that panicked with err, or with what something
// inside has made err of when it recovered the panic, and the stack that it has taken.
func (x *Exchange) Recovered(err error, stack []byte) Outcome {
	return Outcome{Err: &panicked{err}, stack: stack, late: x.Committed()}
}

// Panicked is the outcome of a handler that panicked with value, and nil stands for
// runtime.Goexit. Ask for it in the deferred function that recovers, which then sends
// the panic on: it takes the stack.
func (x *Exchange) Panicked(value any) Outcome {
	switch value {
	case nil:
		return Outcome{Err: errGoexit, last: true}
	case http.ErrAbortHandler: // net/http compares so
		return Outcome{Err: &panicked{value}, last: true}
	}
	return Outcome{Err: &panicked{value}, stack: debug.Stack()}
}

// panicked reports whether the handler did not return.
func (o *Outcome) panicked() bool {
	if o.Err == nil {
		return false
	}
	_, isPanic := text.As[*panicked](o.Err)
	return text.Is(o.Err, errGoexit) || isPanic
}
