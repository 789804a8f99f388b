// SPDX-License-Identifier: Apache-2.0

// Package expiry ends what was inherited.
//
// A [Term] is a lifetime: of a request, from its first run to the end of the last, or of bound work
// that was done for it. What belongs to it goes in two steps. At the end it is cut: what is heavy
// and of no use to a goroutine that continues goes at once. A linger later, 5 minutes by default,
// it is released: everything but the Term goes.
//
// Reads compare the time themselves, so they are right without a timer; releasing is for memory.
// What still keeps a term alive must not keep another one, so each term that has something to
// release has its own weak pointer, and terms that end close to each other share nothing but a
// timer. Rejected: one weak pointer for many. It is cheaper, but one living goroutine then pins what
// all of them hold until the next collection. That counts as live heap, and so delays the collection:
// 0.5 GB became 4.9. Also rejected: a timer for each, which costs more, and a strong pointer, which
// keeps all requests of the last minutes.
//
// # Concurrency
//
// Everything is safe for concurrent use.
package expiry
