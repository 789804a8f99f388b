// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"go.opentelemetry.io/otel/attribute"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/middleware/internal/httpconv"
)

// Outcome is how a handler left.
type Outcome struct {
	// Err is what it returned, or panicked with.
	Err error
	// Stack is that of a panic.
	Stack []byte
	// Late says that Err came when the status was out already: the client cannot
	// tell from that.
	Late bool
	// Last says that nobody will answer any more.
	Last bool
	// Status is what was sent, where the recorder could not see it; 0: ask it.
	Status int
	// Size is the body's, where the recorder could not see it; 0: ask it.
	Size int64
	// End is when it ended; zero: now.
	End time.Time
	// Detached says that this is not the goroutine that answers: the response's
	// headers are not ours to read.
	Detached bool
	// Extra are attributes for the metrics, and the first Asked of them those of a
	// function that is asked again when the answer is known.
	Extra []attribute.KeyValue
	Asked int

	said string // what Err says, once it has been asked
}

// Panic is a panic's value as an error.
type Panic struct{ Value any }

func (p *Panic) Error() string { return text.Of(p.Value, httpconv.MaxError) }

// Unwrap returns the value if it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// ErrorType names the type of the value: error.type.
func (p *Panic) ErrorType() string {
	if err, ok := p.Value.(error); ok {
		return typeOf(err)
	}
	return fmt.Sprintf("%T", p.Value)
}

// ErrGoexit is the outcome of a handler that ended its goroutine.
var ErrGoexit = errors.New("the handler called runtime.Goexit")

// errOption is the outcome of a request whose handler has returned, where the user's
// function for its metrics or its name then panicked.
var errOption = errors.New("a function given to the middleware as an option panicked")

// PanickedWith is the outcome of a handler that panicked with value, and nil stands
// for runtime.Goexit. It takes the stack.
func PanickedWith(value any) Outcome {
	switch value {
	case nil:
		return Outcome{Err: ErrGoexit, Last: true}
	case http.ErrAbortHandler: // net/http compares so
		return Outcome{Err: &Panic{Value: value}, Last: true}
	}
	return Outcome{Err: &Panic{Value: value}, Stack: debug.Stack()}
}

// Panicked reports whether the handler did not return.
func (o *Outcome) Panicked() bool {
	if o.Err == nil {
		return false
	}
	_, isPanic := text.As[*Panic](o.Err)
	return text.Is(o.Err, ErrGoexit) || isPanic
}

// ClientGone reports whether the client has left, or broke off its request.
func (x *Exchange) ClientGone() bool {
	return errors.Is(x.Err(), context.Canceled) || x.recorder.has(failed) || x.body.failed.Load()
}

// aborted reports whether the handler gave up the response on purpose.
func (o *Outcome) aborted() bool { return text.Is(o.Err, http.ErrAbortHandler) }

// result is what an outcome comes to.
type result struct {
	status    int    // what the client got, 0 where it got none
	errorType string // error.type, "" if the exchange went well
	gone      bool   // the client had left, or broke off its request
}

// result works out what the client got. That it went away, and its mistakes, are
// not the server's errors; a panic is one whoever is left to see it.
func (x *Exchange) result(o *Outcome) (r result) {
	r.status = x.sent(o)
	switch {
	case r.status == 0:
		r.gone = x.ClientGone()
	case (r.status >= 500 || r.status == clientClosed) && x.recorder.has(lost):
		r.status, r.gone = 0, true
	default:
		r.gone = x.recorder.has(failed)
	}
	switch {
	case o.aborted():
		if !r.gone {
			r.errorType = "net/http.ErrAbortHandler"
		}
	case o.Panicked():
		r.errorType = typeOf(o.Err)
		r.gone = false
	case r.gone:
	case r.status >= 500:
		r.errorType = strconv.Itoa(r.status)
	case o.Late:
		r.errorType = typeOf(o.Err)
	case r.status == 0 && x.Expired():
		r.errorType = typeOf(x.Err())
	}
	return r
}

// clientClosed is what proxies answer to nobody, Echo's among them.
const clientClosed = 499

// Expired reports whether the deadline passed that somebody outside has given to the
// request. What he answered then, we do not see.
func (x *Exchange) Expired() bool { return errors.Is(x.Err(), context.DeadlineExceeded) }

func typeOf(err error) string {
	return text.Type(err, httpconv.MaxErrorType, func(err error) string { return semconv.ErrorType(err).Value.AsString() })
}

// message is what Err says. It is asked once, for methods of errors may be slow.
func (o *Outcome) message() string {
	if o.said == "" && o.Err != nil {
		o.said = text.Error(o.Err, httpconv.MaxError)
	}
	return o.said
}

// sent is the status that was written, 0 for none.
func (x *Exchange) sent(o *Outcome) int {
	switch seen := int(x.recorder.status.Load()); {
	case o.Status != 0:
		return o.Status
	case x.Expired() && x.recorder.overruled():
		return http.StatusServiceUnavailable
	case seen != 0:
		return seen
	case x.recorder.has(hijacked):
		if x.incoming.Header.Get("Upgrade") != "" {
			return http.StatusSwitchingProtocols
		}
		return 0
	case o.Panicked() || x.ClientGone() || x.Expired():
		return 0
	}
	return http.StatusOK // which net/http sends for a handler that wrote nothing
}
