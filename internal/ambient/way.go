// SPDX-License-Identifier: Apache-2.0

package ambient

// On reports whether contexts travel with goroutines.
func On() bool { return on }

// Why returns the reason why On is false, or "" if it is true.
func Why() string { return why }

// Way returns how this program was built to reach the slot: "linkname", "probe", or "off". On
// reports whether it works.
func Way() string { return way }
