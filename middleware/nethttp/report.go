// SPDX-License-Identifier: Apache-2.0

package nethttp

import (
	"context"

	"github.com/asynclocal/asynclocal/middleware/internal/exchange"
)

// Report tells the middleware around the handler that the request of ctx has failed
// with err. It is for what answers errors inside of the middleware, and returns none:
// span and completion line then say err, and of a panic the stack, if it is called
// before the answer is given, by the deferred function that has recovered.
//
//	defer func() {
//		if value := recover(); value != nil {
//			nethttp.Report(r.Context(), fmt.Errorf("panic: %v", value))
//			w.WriteHeader(http.StatusInternalServerError)
//		}
//	}()
//
// The first report of a request counts. Without one a panic that is answered with a
// 5xx by who has recovered it is recorded with its stack, and without its value. With a
// nil err, outside of a request, and when the handler has returned it does nothing.
// It is safe for concurrent use.
func Report(ctx context.Context, err error) {
	if x := exchange.From(ctx); x != nil {
		x.Report(err)
	}
}
