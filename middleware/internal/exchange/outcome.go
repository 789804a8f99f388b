// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"go.opentelemetry.io/otel/attribute"

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
	// Gone says that the client had left before the response was complete.
	Gone bool
	// Status is what was sent, where the recorder could not see it; 0: ask it.
	Status int
	// Size is the body's, where the recorder could not see it; 0: ask it.
	Size int64
	// Unsent says that nothing reached the client, whatever was written since.
	Unsent bool
	// Extra are attributes for the metrics.
	Extra []attribute.KeyValue
}

// Panic is a panic's value as an error.
type Panic struct{ Value any }

func (p *Panic) Error() string { return fmt.Sprint(p.Value) }

// Unwrap returns the value if it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// ErrorType names the type of the value: error.type.
func (p *Panic) ErrorType() string {
	if err, ok := p.Value.(error); ok {
		return semconv.ErrorType(err).Value.AsString()
	}
	return fmt.Sprintf("%T", p.Value)
}

// ErrGoexit is the outcome of a handler that ended its goroutine.
var ErrGoexit = errors.New("the handler called runtime.Goexit")

func (o *Outcome) panicked() bool {
	var p *Panic
	return errors.Is(o.Err, ErrGoexit) || errors.As(o.Err, &p)
}

// ClientGone reports whether the client has left, or broke off its request.
func (x *Exchange) ClientGone() bool {
	return errors.Is(x.Context.Err(), context.Canceled) || x.recorder.failed.Load() || x.body.failed.Load()
}

// status is what the client got, 0 where it got none.
func (x *Exchange) status(o *Outcome) int {
	switch seen := int(x.recorder.status.Load()); {
	case o.Unsent:
		return 0
	case o.Status != 0:
		return o.Status
	case seen != 0:
		return seen
	case x.recorder.hijacked.Load():
		if x.incoming.Header.Get("Upgrade") != "" {
			return http.StatusSwitchingProtocols
		}
		return 0
	case o.Gone || o.Err != nil && o.panicked():
		return 0
	}
	return http.StatusOK // which net/http sends for a handler that wrote nothing
}

// errorType is error.type, "" if the exchange went well. A client's mistake, and
// its leaving, are not the server's errors.
func errorType(status int, o *Outcome) string {
	switch {
	case o.Err != nil && errors.Is(o.Err, http.ErrAbortHandler):
		if o.Gone {
			return ""
		}
		return "net/http.ErrAbortHandler"
	case o.Err != nil && o.panicked():
		return httpconv.Text(semconv.ErrorType(o.Err).Value.AsString(), httpconv.MaxErrorType)
	case o.Gone:
		return ""
	case status >= 500:
		return strconv.Itoa(status)
	case o.Late && o.Err != nil:
		return httpconv.Text(semconv.ErrorType(o.Err).Value.AsString(), httpconv.MaxErrorType)
	}
	return ""
}
