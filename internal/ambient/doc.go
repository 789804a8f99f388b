// SPDX-License-Identifier: Apache-2.0

// Package ambient is the goroutine's slot: one pointer that the runtime copies
// from parent to child at every go statement, clears when the goroutine dies,
// and shows to the garbage collector. It is the only package of this module
// that uses unsafe, assembly and linkname.
//
// The slot is the goroutine's profiler label set. What is stored there must be
// a valid label set, because the CPU profiler, the goroutine profiler and crash
// tracebacks read it. So a [Frame] begins with one, and its label is useful:
// the name of the request that the goroutine works for.
//
// # How a frame is found
//
// [Set] stores the frame itself, so reading it back is a pointer comparison.
// When the user adds labels of their own ([runtime/pprof.Do]), the runtime
// builds a new set and copies our label into it, as two strings. The bytes of the
// key lie inside the frame, so they lead back to it, and keep it alive. But users
// copy labels too, with changed values and parts of keys: a label is ours only if
// the words around the bytes of its key prove it, and its value is the frame's own.
// Nothing is computed from an address before that.
//
// Designs rejected: goroutine ids with a global map (a lock, a cleaner, no
// inheritance), a struct of our own in the slot (crashes the first profile that
// is taken), constant offsets into the runtime's g (break with every release).
//
// # Two ways to the slot
//
// By default its two accessors, which are the runtime's, are reached by linkname. The
// other way uses no name that is not public: it writes through
// [runtime/pprof.SetGoroutineLabels], with a context that is the label set itself, and
// reads the goroutine's descriptor by assembly. The offset is found at start-up: labels
// are set on new goroutines, and what is not the place of each of them, of none, and
// of what a child inherits, is ruled out. One place must be left. Only memory that is
// on one page with the descriptor's begin is read, and nothing is written.
//
// The second way is for the tag asynclocal_nolinkname, and for releases of Go that are newer
// than those tested: a name that the runtime has taken away would break the link of the
// program. [Way] says which it is. [Goroutine] stands on the same assembly.
//
// # The off switch
//
// An init function checks that the runtime behaves as this package expects. If
// it does not, or the labels are not found, or the build tag asynclocal_noambient is set, [On] is false, [Why]
// says why, [Current] returns nil and [Set] does nothing.
//
// # Concurrency
//
// The slot belongs to the calling goroutine, so no function here can race. A
// Frame must not be changed once it has been passed to Set.
package ambient
