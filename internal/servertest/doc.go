// SPDX-License-Identifier: Apache-2.0

// Package servertest is what every framework's middleware has to do: one suite of tests into which
// a [Framework] is plugged, including real servers and clients. Only tests import it.
//
//	func TestServer(t *testing.T) { servertest.Run(t, framework) }
//
// A row that does not apply to a framework is skipped with the reason that its plug gives. Behavior
// of only one framework is tested in its middleware's package, with the parts that are exported
// here.
package servertest
