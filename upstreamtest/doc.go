// SPDX-License-Identifier: Apache-2.0

// Package upstreamtest runs the tests of Echo, chi and zap with this library installed in all
// that they make, and holds what comes out to what comes out without it.
//
// The tests are those of the versions that go.mod names, from the module cache: they are
// copied, for Go lets nothing replace a file in there, and the function by which they make a
// server, a router or a logger calls a hook. What differs is in testdata/changes.txt,
// each with its reason. The list may only get shorter.
package upstreamtest
