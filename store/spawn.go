// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"time"
)

// Go starts f in a goroutine, like go f(), and keeps the context for as long as f runs. A bare go
// statement inherits it too, but only until the Request's end plus its linger. A nil f panics here,
// where the mistake is, not in the goroutine.
//
// A panic in f ends the process, as in any goroutine; OnPanic sees it first, with the context still
// in place.
func Go(f func()) {
	needFunc("Go", f != nil)
	s := Capture()
	go s.spawned(KindGo, f)
}

// AfterFunc is time.AfterFunc with f bound, because the runtime starts timers outside every
// context. A Reset of the timer does not bind f again. A nil f panics.
func AfterFunc(d time.Duration, f func()) *time.Timer {
	needFunc("AfterFunc", f != nil)
	s := Capture()
	return time.AfterFunc(d, func() { s.spawned(KindTimer, f) })
}

// ContextAfterFunc is context.AfterFunc with f bound: unbound, f would run in the context of the
// call that cancels, or in no context. What ctx carries is not used. A nil f panics, and so does a
// nil ctx.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	needFunc("ContextAfterFunc", f != nil)
	if ctx == nil {
		panic("store: ContextAfterFunc of a nil ctx; pass the one whose end f waits for")
	}
	s := Capture()
	return context.AfterFunc(ctx, func() { s.spawned(KindContext, f) })
}

// needFunc inlines into the hot paths: the part that panics is kept out of it.
func needFunc(name string, given bool) {
	if !given {
		noFunc(name)
	}
}

//go:noinline
func noFunc(name string) {
	panic("store: " + name + " of a nil function; pass the function itself, not a variable that is set later")
}
