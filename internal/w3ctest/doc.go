// SPDX-License-Identifier: Apache-2.0

// Package w3ctest asks a service what the public test suite of W3C Trace Context asks
// at its strictest, over a connection of its own: an HTTP client would put headers
// right that are to arrive as they are. It is for tests alone.
//
// A service under test serves [Handler], whatever stands around it, and calls back
// for each callback that a request wants; [Run] sends it every case and looks at what
// the callbacks carry.
package w3ctest
