// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"net/http"
)

// Unwinder is a handler for [Exchange.Run] that decides itself how a request ends if it panicked or
// called runtime.Goexit, because something outside may answer. Unwind gets what [Exchange.Panicked]
// returns for that, and calls Finish or Await, while the handler's functions are still on the
// stack. For any other handler, Finish is called.
type Unwinder interface {
	http.Handler
	Unwind(o Outcome)
}

// serve runs the handler inside the Request.
func (x *Exchange) serve(ctx context.Context) {
	x.ctx = ctx
	r := x.incoming.WithContext(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = (*body)(x)
	}
	defer x.unwind(r)
	x.handler.ServeHTTP((*recorder)(x).shape(), r)
	x.stage |= returned
}

// unwind is called when the handler has returned, or has not. It lets a panic continue.
func (x *Exchange) unwind(r *http.Request) {
	defer x.leave()
	switch {
	case x.stage&told != 0:
	case x.stage&returned != 0:
		x.Finish(r, Outcome{})
	default:
		value := recover()
		o := x.Panicked(value)
		if u, ok := x.handler.(Unwinder); ok {
			u.Unwind(o)
		} else {
			x.Finish(r, o)
		}
		if value != nil {
			panic(value)
		}
	}
}

// leave ends an exchange that has not ended and that nothing else is going to end.
func (x *Exchange) leave() {
	if !x.finished.Load() && x.stage&waits == 0 {
		x.finish(&Outcome{Err: errOption, late: true})
	}
}
