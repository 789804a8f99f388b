// SPDX-License-Identifier: Apache-2.0

// Package goroutine tells goroutines apart, for those who ask to see them.
//
// A goroutine that merely inherited its context has the very slot of the one that
// started it, so the context cannot tell the two apart, and nothing else that is
// cheap can. The runtime says the number in a traceback only; internal/ambient reads it
// where the traceback has it from, if it has found the place.
//
// # Cost
//
// It allocates nothing. ID takes nanoseconds; where the place was not found, and Entry
// everywhere, microseconds: 4 on a shallow stack, 15 thirty calls deep.
package goroutine
