// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"fmt"
	"time"
)

// Every runs f as a job of the given name at each interval, first after one interval, until ctx is
// done; then it returns, once f has returned. Each run is a separate request: its lines and spans
// belong together, and to no other.
//
// If f takes longer than the interval, it is not run twice at once: the runs it misses are skipped.
// Its errors are on the span and the completion line, and do not end Every; its panics pass
// through. It panics if interval is not positive.
//
// From a third-party scheduler, call Run with a nil carrier.
func Every(ctx context.Context, interval time.Duration, name string, f func(context.Context) error, opts ...Option) {
	if interval <= 0 {
		panic(fmt.Sprintf("jobs: Every(%v): the interval has to be positive", interval))
	}
	if f == nil {
		panic("jobs: Every with a nil function; pass the job's work")
	}
	r := NewRunner(opts...)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if ctx.Err() == nil {
				_ = r.Run(ctx, nil, name, f) // recorded
			}
		}
	}
}
