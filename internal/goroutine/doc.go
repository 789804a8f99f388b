// SPDX-License-Identifier: Apache-2.0

// Package goroutine tells goroutines apart, for whoever has asked to see them.
//
// A goroutine that merely inherited its context has the very slot of the one that
// started it, so the context cannot tell the two apart, and nothing else that is
// cheap can. The runtime says the number in a traceback only.
//
// # Cost
//
// It allocates nothing, and takes microseconds: 4 on a shallow stack, 15 thirty calls
// deep. Nothing calls it unless asked to by an option.
package goroutine
