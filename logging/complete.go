// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"time"
)

// Outcome is how a unit of work ended.
type Outcome struct {
	Failed   bool          // it answered 5xx, panicked, or its job returned an error
	Duration time.Duration // how long it took; 0 is never slow
}

// Complete tells the loggers how the request that ctx carries, else the calling
// goroutine's, has ended. middleware and jobs do; whoever calls Request.Run
// himself calls it once, inside Run, before he writes the completion line: it is
// when a flight recorder writes or forgets what it has kept. A second call, or one
// outside a request, does nothing.
//
// A request that is never completed writes what was kept only if it logs an error.
func Complete(ctx context.Context, o Outcome) {
}
