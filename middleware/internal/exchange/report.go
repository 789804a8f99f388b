// SPDX-License-Identifier: Apache-2.0

package exchange

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/asynclocal/asynclocal/internal/text"
)

// From returns the exchange that ctx is of, nil for none.
func From(ctx context.Context) *Exchange {
	x, _ := ctx.Value(exchangeKey{}).(*Exchange)
	return x
}

// Report says that the handler has failed with err, which is about to be answered
// inside: whoever answers, Recover say, may keep the error from us. The first report
// counts, and what the handler returns or panics with does, if it is another error.
func (x *Exchange) Report(err error) {
	if err == nil || x.reported.Load() != nil {
		return
	}
	o := &Outcome{Err: err, Late: x.Committed()}
	if unwinding() {
		o.Err, o.Stack = &Panic{Value: err}, debug.Stack()
	}
	x.reported.CompareAndSwap(nil, o)
}

// witness is a failure of the server's that is about to be written. If that is done by
// who has recovered a panic, all that is left of it is the stack.
func (x *Exchange) witness() {
	if x.reported.Load() == nil && unwinding() {
		x.reported.CompareAndSwap(nil, &Outcome{Err: unseen{}, Stack: debug.Stack()})
	}
}

// unseen is a panic that was recovered, and whose value is not known. The status says
// whose failure it is.
type unseen struct{}

func (unseen) Error() string     { return "a panic that was recovered inside of the middleware" }
func (unseen) ErrorType() string { return "panic" }

// recall completes o, the outcome of a handler that has left, with what was reported.
func (x *Exchange) recall(o *Outcome) {
	seen := x.reported.Load()
	switch {
	case seen == nil:
	case o.Err == nil:
		o.Err, o.Stack, o.Late = seen.Err, seen.Stack, seen.Late
	case o.Panicked():
	case wraps(o.Err, seen.Err):
		o.Stack, o.Late = seen.Stack, o.Late && seen.Late
		if len(o.Stack) > 0 {
			o.Err = seen.Err
		}
	}
}

// wraps reports whether err is the one that was reported, or wraps it.
func wraps(err, reported error) bool {
	if p, ok := reported.(*Panic); ok { //nolint:errorlint // as Report makes it
		reported = p.Unwrap()
	}
	return reported != nil && text.Is(err, reported)
}

// unwinding reports whether the caller is called by a function that a handler of ours
// has deferred, and that is run by a panic.
func unwinding() bool {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			return true
		case frame.Function == inside:
			return false
		}
	}
	return false
}

// inside is where a handler is called.
const inside = "github.com/asynclocal/asynclocal/middleware/internal/exchange.(*Exchange).inside"
