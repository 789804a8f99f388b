// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package ambient

// Fail makes this runtime one that fails check, until restore is called.
func Fail(check func() error) (restore func()) {
	o, w := on, why
	on, why = decide(check)
	return func() { on, why = o, w }
}
