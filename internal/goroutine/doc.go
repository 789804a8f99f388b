// SPDX-License-Identifier: Apache-2.0

// Package goroutine tells goroutines apart, for the tools that show them.
//
// A goroutine that merely inherited its context has the same slot as the one that started it, so
// the context cannot tell the two apart, and nothing else that is cheap can. The runtime gives the
// number only in a traceback; internal/ambient reads it from where the traceback gets it, if it has
// found that place.
//
// # Cost
//
// CreatedBy allocates the traceback; nothing else allocates. ID takes nanoseconds. Entry, and ID if the place was not found, take
// microseconds: 4 on a shallow stack, 15 thirty calls deep.
package goroutine
