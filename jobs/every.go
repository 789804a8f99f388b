// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"fmt"
	"time"
)

// Every runs f as a job of the given name every interval, for the first time after
// one, until ctx is done; then it returns, when f has. Each time is a request of
// its own: its lines and spans belong together, and to no other.
//
// An f that takes longer than the interval is not run twice at once: what it
// misses is left out. Its errors are on the span and the completion line, and do
// not end Every; its panics pass through. It panics if interval is not positive.
//
// A scheduler of another package calls Run with a nil carrier.
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
