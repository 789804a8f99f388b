// SPDX-License-Identifier: Apache-2.0

//go:build asynclocal_noambient

package ambient

import "unsafe"

const (
	on  = false
	why = "built with the tag asynclocal_noambient"
)

// On reports whether contexts travel with goroutines.
func On() bool { return on }

// Why returns the reason for On being false.
func Why() string { return why }

func getLabel() unsafe.Pointer { return nil }

func setLabel(unsafe.Pointer) {}
