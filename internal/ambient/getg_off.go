// SPDX-License-Identifier: Apache-2.0

//go:build asynclocal_noambient || !gc || !(386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x)

package ambient

import "unsafe"

const hasGetg = false

func getg() unsafe.Pointer { return nil }

const numberAt = 0
