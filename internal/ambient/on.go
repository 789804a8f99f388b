// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package ambient

// on and why are written by init alone, before anything of the program's runs.
var (
	on  bool
	why string
)

func init() { on, why = decide(selfCheck) }
