// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package ambient

import (
	_ "runtime/pprof" // the package that owns the two accessors
	"unsafe"
)

// The runtime promises not to remove or change these two: go.dev/issue/67401.

//go:linkname getLabel runtime/pprof.runtime_getProfLabel
func getLabel() unsafe.Pointer

//go:linkname setLabel runtime/pprof.runtime_setProfLabel
func setLabel(unsafe.Pointer)

// on and why are written by init alone, before anything of the program's runs.
var (
	on  bool
	why string
)

func init() { on, why = decide(selfCheck) }

// On reports whether contexts travel with goroutines.
func On() bool { return on }

// Why returns the reason for On being false, "" if it is true.
func Why() string { return why }
