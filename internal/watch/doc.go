// SPDX-License-Identifier: Apache-2.0

// Package watch reports to package doctor how contexts are lost, through a pointer that is nil as
// long as no watch is on.
//
// Code that might lose a context calls [On], which is one atomic load, and reports only if the
// result is not nil.
//
// # Concurrency
//
// Everything is safe for concurrent use; the functions of a Watch must be too.
package watch
