// SPDX-License-Identifier: Apache-2.0

package store

import "sync/atomic"

var onPanic atomic.Pointer[func(value any)]

// OnPanic sets the function that is told of panics in goroutines that Go, AfterFunc and
// ContextAfterFunc started; the default is nil, no function. It runs on the panicking goroutine
// with the context still in place, so that a log line written there knows its request, and with the
// stack intact for debug.Stack. Then the panic continues, and ends the process.
//
// It is process-wide. Bound functions that other code calls are not covered: recovering their
// panics is up to the caller.
func OnPanic(f func(value any)) {
	if f == nil {
		onPanic.Store(nil)
		return
	}
	onPanic.Store(&f)
}

// spawned is work that starts its own goroutine.
func (s Snapshot) spawned(kind string, f func()) {
	if onPanic.Load() == nil {
		s.work(kind, f, f)
		return
	}
	returned := false
	s.work(kind, f, func() {
		defer report()
		f()
		returned = true
	})
	if !returned {
		// A Goexit does not come here: f panicked with a nil that GODEBUG=panicnil=1 lets through,
		// which recover does not tell from no panic.
		panic(nil) //nolint:govet // the panic that was
	}
}

// report reports a panic that passes it, and lets it continue.
func report() {
	value := recover()
	if value == nil {
		return
	}
	// Not recovered: panicking again before returning keeps the stack as it is.
	defer panic(value)
	if f := onPanic.Load(); f != nil {
		(*f)(value)
	}
}
