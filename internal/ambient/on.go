// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package ambient

// on and why are written only by init, before any code of the program runs.
var (
	on  bool
	why string
)

func init() { on, why = decide(selfCheck) }
