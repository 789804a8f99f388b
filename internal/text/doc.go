// SPDX-License-Identifier: Apache-2.0

// Package text makes text of what others hand us: errors, panics, URLs, and values of
// any kind. It never panics, and ends: a method of a value may panic, block or exit
// its goroutine, a value may be cyclic, endless or not text at all. What comes out is
// valid UTF-8, bounded in length, and without the secrets that can be told as such.
//
// A method is called on a goroutine of its own and waited for as long as [Patience]:
// where the caller holds a lock that the method wants, it is we who would have made
// the program hang, for it had not asked for the text.
package text
