// SPDX-License-Identifier: Apache-2.0

// Package w3ctest tests a service as the public test suite of W3C Trace Context does at its
// strictest. It writes to the connection itself: an HTTP client would correct headers that must
// arrive unchanged. It is only for tests.
//
// A service under test serves [Handler], inside any middleware, and makes each callback that a
// request asks for; [Run] sends it every case and checks what the callbacks carry.
package w3ctest
