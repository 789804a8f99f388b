// SPDX-License-Identifier: Apache-2.0

package ambient

// On reports whether contexts travel with goroutines.
func On() bool { return on }

// Why returns the reason for On being false, "" if it is true.
func Why() string { return why }

// Way returns how this program was built to reach the slot: "linkname", "probe", or "off".
// Whether it can, On says.
func Way() string { return way }
