// SPDX-License-Identifier: Apache-2.0

package echov4

import "reflect"

// Size is how many bytes a request is on its way through the middleware.
func Size() uintptr { return reflect.TypeFor[call]().Size() }

// Remembered counts the stacks about which something is remembered.
func Remembered() (n int) {
	for i := range verdicts {
		if verdicts[i].Load() != nil {
			n++
		}
	}
	return n
}

// Forget forgets them, for a test that is run more than once.
func Forget() {
	for i := range verdicts {
		verdicts[i].Store(nil)
	}
}
