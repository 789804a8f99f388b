// SPDX-License-Identifier: Apache-2.0

// Package lastwords tells package crash which request a panic belongs to, if the panic passes a Run.
// The traceback no longer has what the Run has set, because the Run restores the context first.
//
// It imports nothing, and is safe for concurrent use.
package lastwords

import "sync/atomic"

var told atomic.Pointer[func(name, id string)]

// Tell makes f be called, on the goroutine itself, for each Run of a request that ends with a
// panic, or with the goroutine.
func Tell(f func(name, id string)) { told.Store(&f) }

// Listener returns the function set by Tell, or nil.
func Listener() func(name, id string) {
	if f := told.Load(); f != nil {
		return *f
	}
	return nil
}
