// SPDX-License-Identifier: Apache-2.0

//go:build (amd64 || arm64 || 386) && gc && !asynclocal_noambient

package ambient

import "unsafe"

// getg returns the running goroutine's descriptor, which the runtime never frees. What
// is where in it, only a probe can say.
func getg() unsafe.Pointer

var numberAt = findNumber()
