// SPDX-License-Identifier: Apache-2.0

// Package expiry is how what was inherited ends.
//
// A [Term] is the time in which something is good: a request, from its first run to the
// end of the last, or bound work that was done for it. What belongs to it goes in two
// steps. At the end it is cut: what is heavy and of no use to a goroutine that goes on
// goes at once. A linger later, 5 minutes by default, it is released: all but the Term goes.
//
// Reads compare the time themselves, so they are right without a timer; releasing is for the
// memory. What still holds on to a term must not keep another, so each that has something
// to release has a weak pointer of its own, and those that end close to each other share
// nothing but a timer. One weak pointer for many was tried: it is cheaper, but one living
// goroutine then pins what all of them hold until the next collection, which counts as
// live heap, which puts that collection off: 0.5 GB became 4.9. A timer for each is dearer,
// and a strong pointer keeps all requests of the last minutes.
//
// # Concurrency
//
// Everything is safe for concurrent use.
package expiry
