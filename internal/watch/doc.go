// SPDX-License-Identifier: Apache-2.0

// Package watch is how what a context is lost by gets to package doctor: by a pointer that is
// nil as long as no watch is on.
//
// Who might lose a context asks [On], which is one atomic load, and tells only where that
// is not nil.
//
// # Concurrency
//
// Everything is safe for concurrent use; the functions of a Watch have to be.
package watch
