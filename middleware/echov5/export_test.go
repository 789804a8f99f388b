// SPDX-License-Identifier: Apache-2.0

package echov5

// Forget forgets them.
func Forget() {
	for i := range verdicts {
		verdicts[i].Store(nil)
	}
}

// Remembered counts the stacks about which something is remembered.
func Remembered() (n int) {
	for i := range verdicts {
		if verdicts[i].Load() != nil {
			n++
		}
	}
	return n
}
