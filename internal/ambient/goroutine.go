// SPDX-License-Identifier: Apache-2.0

package ambient

import "unsafe"

// Goroutine returns the running goroutine's number, as tracebacks have it; 0 where it
// cannot be had but from one.
//
//go:norace
//go:nocheckptr
func Goroutine() uint64 {
	if numberAt == 0 {
		return 0
	}
	return *(*uint64)(unsafe.Add(getg(), numberAt))
}
