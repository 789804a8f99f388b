// SPDX-License-Identifier: Apache-2.0

// Package text makes text from foreign values: errors, panics, URLs, and values of any kind. It
// never panics or hangs, even if a method of a value panics, blocks or exits its goroutine, or a
// value is cyclic, endless or not text at all. Its results are valid UTF-8, bounded in length, and
// free of secrets that can be recognized.
//
// A method is called on a separate goroutine and waited for up to [Patience]: if the caller holds a
// lock that the method needs, it would be our fault that the program hangs, because it had not
// asked for the text.
package text
