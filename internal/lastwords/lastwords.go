// SPDX-License-Identifier: Apache-2.0

// Package lastwords is how package crash learns whose a panic is that takes the context away on
// its way out: what a Run has set is not in the traceback any more, for it is put back first.
//
// It imports nothing, and is safe for concurrent use.
package lastwords

import "sync/atomic"

var told atomic.Pointer[func(name, id string)]

// Tell has f told, on the goroutine itself, of each Run of a request that ends with a panic, or
// with the goroutine.
func Tell(f func(name, id string)) { told.Store(&f) }

// Listener returns the function that is told, nil if there is none.
func Listener() func(name, id string) {
	if f := told.Load(); f != nil {
		return *f
	}
	return nil
}
