// SPDX-License-Identifier: Apache-2.0

package frame

import "github.com/asynclocal/asynclocal/internal/ambient"

// Exited is Outside with an empty frame, for the search for goroutines that lost their context: a
// goroutine that was started in an Exit has lost nothing.
func Exited(under ambient.Slot) ambient.Slot {
	if !ambient.On() {
		return under
	}
	f := new(Frame)
	f.Payload = Payload{cell: &nothing, life: &outside}
	f.Init("", "", Outside(under))
	return f.Slot()
}
