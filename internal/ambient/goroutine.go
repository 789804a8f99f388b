// SPDX-License-Identifier: Apache-2.0

package ambient

import "unsafe"

// Goroutine returns the running goroutine's number, as in tracebacks; 0 if only a traceback has it.
//
//go:norace
//go:nocheckptr
func Goroutine() uint64 {
	if numberAt == 0 {
		return 0
	}
	return *(*uint64)(unsafe.Add(getg(), numberAt))
}
