// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"time"
)

// Go is go f() that keeps the context for as long as f runs. A bare go statement
// inherits it too, but only until the Request's end plus its linger.
//
// A panic in f ends the process, as it does in any goroutine.
func Go(f func()) { go Bind(f)() }

// AfterFunc is time.AfterFunc with f bound: the runtime starts timers outside
// every context.
func AfterFunc(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, Bind(f))
}

// ContextAfterFunc is context.AfterFunc with f bound: by itself it would run in
// the context of whoever cancels, or in none.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	return context.AfterFunc(ctx, Bind(f))
}
