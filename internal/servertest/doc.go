// SPDX-License-Identifier: Apache-2.0

// Package servertest is what every framework's middleware has to do: one suite of
// tests into which a [Framework] is plugged, real servers and clients included. Tests
// alone import it.
//
//	func TestServer(t *testing.T) { servertest.Run(t, framework) }
//
// A row that a framework cannot have is skipped with the reason that its plug gives.
// What only one framework has is tested where its middleware is, with the parts that
// are exported here.
package servertest
