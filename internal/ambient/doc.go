// SPDX-License-Identifier: Apache-2.0

// Package ambient is the goroutine's slot: one pointer that the runtime copies
// from parent to child at every go statement, clears when the goroutine dies,
// and shows to the garbage collector. It is the only package of this module
// that uses unsafe, assembly and linkname.
//
// The slot is the goroutine's profiler label set. What is stored there must be a valid label set,
// because the CPU profiler, the goroutine profiler and crash tracebacks read it. So a [Frame]
// begins with a label set, whose label is useful: the name of the request that the goroutine works
// for.
//
// # How a frame is found
//
// [Set] stores the frame itself, so reading it back is a pointer comparison. When users add their
// own labels ([runtime/pprof.Do]), the runtime builds a new set and copies our label into it, as
// two strings. The bytes of the key are inside the frame, so they lead back to it, and keep it
// alive. But users copy labels too, with changed values and parts of keys: a label is ours only if
// the words around the bytes of its key prove it, and its value is the frame's own. Nothing is
// computed from an address before that.
//
// Rejected designs: goroutine ids with a global map (a lock, a cleaner, no inheritance), our own
// struct in the slot (crashes the first profile that is taken), constant offsets into the runtime's
// g (break with every release).
//
// # Two ways to the slot
//
// By default the slot's two accessors, which are the runtime's, are reached by linkname. The other
// way uses no name that is not public: it writes through [runtime/pprof.SetGoroutineLabels], with a
// context that is the label set itself, and reads the goroutine's descriptor by assembly. The
// offset is found at start-up: labels are set on new goroutines, and every place that does not
// match is ruled out: with the labels of each goroutine, without labels, and with labels that a
// child inherits. One place must be left. Only memory on the page where the descriptor begins is
// read, and nothing is written.
//
// The second way is for the tag asynclocal_nolinkname, and for releases of Go newer than the tested
// ones: a name that the runtime has removed would break the link of the program. [Way] says which
// one is used. [Goroutine] uses the same assembly.
//
// # The off switch
//
// An init function checks that the runtime behaves as this package expects. If it does not, or the
// labels are not found, or the build tag asynclocal_noambient is set, [On] is false, [Why] says
// why, [Current] returns nil and [Set] does nothing.
//
// # Concurrency
//
// The slot belongs to the calling goroutine, so no function here can race. A
// Frame must not be changed once it has been passed to Set.
package ambient
