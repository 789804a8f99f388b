// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"time"
)

// Go is go f() that keeps the context for as long as f runs. A bare go statement
// inherits it too, but only until the Request's end plus its linger. A nil f
// panics here, where the mistake is, and not in a goroutine.
//
// A panic in f ends the process, as it does in any goroutine; OnPanic sees it
// first, with the context still in place.
func Go(f func()) {
	needFunc("Go", f != nil)
	s := Capture()
	go s.spawned(KindGo, f)
}

// AfterFunc is time.AfterFunc with f bound: the runtime starts timers outside
// every context. A Reset of the timer does not bind f anew. A nil f panics.
func AfterFunc(d time.Duration, f func()) *time.Timer {
	needFunc("AfterFunc", f != nil)
	s := Capture()
	return time.AfterFunc(d, func() { s.spawned(KindTimer, f) })
}

// ContextAfterFunc is context.AfterFunc with f bound: by itself it would run in
// the context of the call that cancels, or in none. What ctx carries plays no part. A nil
// f panics, and so does a nil ctx.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	needFunc("ContextAfterFunc", f != nil)
	if ctx == nil {
		panic("store: ContextAfterFunc of a nil ctx; pass the one whose end f waits for")
	}
	s := Capture()
	return context.AfterFunc(ctx, func() { s.spawned(KindContext, f) })
}

// needFunc inlines into the hot paths: what panics is not part of it.
func needFunc(name string, given bool) {
	if !given {
		noFunc(name)
	}
}

//go:noinline
func noFunc(name string) {
	panic("store: " + name + " of a nil function; pass the function itself, not a variable that is set later")
}
