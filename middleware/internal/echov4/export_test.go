// SPDX-License-Identifier: Apache-2.0

package echov4

// Remembered counts the callers about which something is remembered.
func Remembered() (n int) {
	for i := range verdicts {
		if verdicts[i].Load() != nil {
			n++
		}
	}
	return n
}
