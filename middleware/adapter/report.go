// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/asynclocal/asynclocal/internal/text"
	"github.com/asynclocal/asynclocal/store"
)

// Report tells the middleware around the handler that the request of ctx has failed with err. It is
// for code that answers errors inside the middleware and returns no error: span and completion line
// then have err, and for a panic the stack, if it is called before the answer is given, by the
// deferred function that has recovered.
//
//	defer func() {
//		if value := recover(); value != nil {
//			adapter.Report(r.Context(), fmt.Errorf("panic: %v", value))
//			w.WriteHeader(http.StatusInternalServerError)
//		}
//	}()
//
// The first report of a request counts. Without a report, a panic that is recovered and answered
// with a 5xx is recorded with its stack, but without its value. With a nil err, outside a request,
// and after the handler has returned it does nothing. It is safe for concurrent use.
func Report(ctx context.Context, err error) {
	if x := from(ctx); x != nil {
		x.report(err)
	}
}

// HandleError calls handle, a framework's error handler that is about to answer err, in the context
// of the request of ctx, even if the request's scope has been left. It tells the middleware of err,
// as [Report] does. Without a request it just calls handle. It panics if handle is nil.
func HandleError(ctx context.Context, err error, handle func()) {
	if handle == nil {
		panic("adapter: HandleError with a nil function; pass the one that answers")
	}
	Report(ctx, err)
	here, _ := store.Current()
	if r, ok := store.CurrentFrom(ctx); !ok || r == here {
		handle()
		return
	}
	s, _ := store.FromContext(ctx)
	s.Run(handle)
}

// report notes that the handler has failed with err, which is about to be answered inside: what
// answers, such as Recover, may not pass the error on to us. The first report counts; but if the
// handler returns or panics with another error, that one counts.
func (x *Exchange) report(err error) {
	if err == nil || x.reported.Load() != nil {
		return
	}
	o := &Outcome{Err: err, late: x.Committed()}
	if unwinding() {
		o.Err, o.stack = &panicked{err}, debug.Stack()
	}
	x.reported.CompareAndSwap(nil, o)
}

// witness notes a server failure that is about to be written. If the code that writes it has
// recovered a panic, only the stack is left of that.
func (x *Exchange) witness() {
	if x.reported.Load() == nil && unwinding() {
		x.reported.CompareAndSwap(nil, &Outcome{Err: unseen{}, stack: debug.Stack()})
	}
}

// unseen is a panic that was recovered, and whose value is not known. The status says whose failure
// it is.
type unseen struct{}

func (unseen) Error() string     { return "a panic that was recovered inside of the middleware" }
func (unseen) ErrorType() string { return "panic" }

// recall adds what was reported to o, the outcome of a handler that has left.
func (x *Exchange) recall(o *Outcome) {
	seen := x.reported.Load()
	switch {
	case seen == nil:
	case o.Err == nil:
		o.Err, o.stack, o.late = seen.Err, seen.stack, seen.late
	case o.panicked():
	case wraps(o.Err, seen.Err):
		o.stack, o.late = seen.stack, o.late && seen.late
		if len(o.stack) > 0 {
			o.Err = seen.Err
		}
	}
}

// wraps reports whether err is the error that was reported, or wraps it.
func wraps(err, reported error) bool {
	if p, ok := reported.(*panicked); ok { //nolint:errorlint // as made by report
		reported = p.Unwrap()
	}
	return reported != nil && text.Is(err, reported)
}

// unwinding reports whether the caller was called by a function that one of our handlers has
// deferred and that a panic is running.
func unwinding() bool {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			return true
		case frame.Function == ourServe:
			return false
		}
	}
	return false
}
