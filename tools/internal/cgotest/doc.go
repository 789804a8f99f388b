// SPDX-License-Identifier: Apache-2.0

// Package cgotest lets C call Go, so that tests can show what a callback sees: on
// the thread of the goroutine that called C, and on a thread that C has made.
// Without cgo it is empty.
package cgotest
