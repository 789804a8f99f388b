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

// Outcome is how a handler left; the zero value means that it returned without an error.
type Outcome struct {
	// Err is what the handler returned, or panicked with.
	Err error
	// Route is http.route, if it is known by now, as for SetRoute.
	Route string
	// Attributes are added to the metrics; the conventions' win. Each distinct value is a separate
	// time series.
	Attributes []attribute.KeyValue

	stack    []byte    // of a panic
	late     bool      // Err came after the status was sent: the client cannot tell from the status
	last     bool      // there is no answer to come
	detached bool      // this is not the goroutine that answers: the response's headers must not be read
	status   int       // what was sent, if the recorder could not see it; 0: ask the recorder
	size     int64     // of the body, if the recorder could not see it; 0: ask the recorder
	end      time.Time // when it ended; zero: now
	asked    int       // that many of Attributes are asked for again when the answer is known
	said     string    // the text of Err, once it has been asked
}

// Returned returns the outcome of a handler that returned err, which is nil on success. Call it as
// soon as the handler has returned: an error that comes after the status was sent is the server's
// failure, though the status does not say so. The status of err is that of its method StatusCode,
// or 500 without one; if that status was sent, it is taken for the answer to err, given by
// something inside.
func (x *Exchange) Returned(err error) Outcome {
	if err == nil {
		return Outcome{}
	}
	return x.ReturnedAs(err, statusOf(err))
}

// ReturnedAs is [Exchange.Returned] for a framework that knows which status it answers to err.
func (x *Exchange) ReturnedAs(err error, status int) Outcome {
	return Outcome{Err: err, late: x.Committed() && x.Status() != status}
}

// statusOf calls methods of err, which may panic.
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

// Recovered returns the outcome of a handler that panicked with err, or of one whose panic
// something inside has recovered and turned into err, and the stack that it has taken.
func (x *Exchange) Recovered(err error, stack []byte) Outcome {
	return Outcome{Err: &panicked{err}, stack: stack, late: x.Committed()}
}

// Panicked returns the outcome of a handler that panicked with value; nil means runtime.Goexit.
// Call it in the deferred function that recovers, before that panics again: it takes the stack.
func (x *Exchange) Panicked(value any) Outcome {
	switch value {
	case nil:
		return Outcome{Err: errGoexit, last: true}
	case http.ErrAbortHandler: // net/http compares with == too
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
