// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient && !asynclocal_nolinkname && !(go1.28 && gc && (386 || amd64 || arm || arm64 || loong64 || ppc64le || riscv64 || s390x))

package ambient

import (
	_ "runtime/pprof" // the package that owns the two accessors
	"unsafe"
)

const way = "linkname"

// The runtime's source asks not to remove or change these two, go.dev/issue/67401, for a user that
// is gone. So releases newer than the tested ones get the other way: a missing name breaks the link
// of a user's program.

//go:linkname getLabel runtime/pprof.runtime_getProfLabel
func getLabel() unsafe.Pointer

//go:linkname setLabel runtime/pprof.runtime_setProfLabel
func setLabel(unsafe.Pointer)

func checkWay() error { return nil }
