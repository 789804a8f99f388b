// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient && gc && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x)

package ambient

import "unsafe"

// getg returns the running goroutine's descriptor, which the runtime never frees. Only a probe can
// tell where in it things are.
func getg() unsafe.Pointer

const hasGetg = true

var numberAt = findNumber()
