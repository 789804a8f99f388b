// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
)

// Watch holds the functions to call. They are called where a loss happens, on that goroutine:
// everything else that they need is on its stack. All of them must be set.
type Watch struct {
	// First is called once, when the first request begins: by then main has set up global state.
	First func()
	// Unowned is called for a line or a span that belongs to no request.
	Unowned func(what What)
	// Foreign is called for a line or a span with a ctx of another request than the goroutine's,
	// here, or of a request that has expired; then here is nil.
	Foreign func(what What, of, here *frame.Request)
	// Late is called for the first read after a request has expired.
	Late func(of *frame.Request)
	// Replaced is called, at the end of a Run, if what carries the context was replaced while the
	// function that begins at ran was running. of is nil if the Run does not belong to a request.
	Replaced func(ran uintptr, of *frame.Request)
	// Over is called when a request has expired, but is not collected yet: a goroutine may have it.
	// It is called on any goroutine, for a request that began while a watch was on.
	Over func(of *frame.Request)
	// Stored is called for a Storage that was made in a request.
	Stored func(name string, of *frame.Request)
	// Plain is called for a middleware that was made with a logger that does not correlate.
	Plain func()

	begun atomic.Bool
}

// What is a kind of thing that belongs to a request.
type What string

// The things that may belong to a request.
const (
	Line What = "line"
	Span What = "span"
)

var current atomic.Pointer[Watch]

// On returns the watch that is on, or nil.
func On() *Watch { return current.Load() }

// Start turns w on. It returns false if another watch is on.
func Start(w *Watch) bool { return current.CompareAndSwap(nil, w) }

// Stop turns w off, if it is on.
func Stop(w *Watch) { current.CompareAndSwap(w, nil) }

// Begin notes that a request begins.
func (w *Watch) Begin() {
	if !w.begun.Load() && !w.begun.Swap(true) {
		w.First()
	}
}

// Begun reports whether a request has begun.
func (w *Watch) Begun() bool { return w.begun.Load() }

// Owned looks at a line or span that was found to belong to no request.
func (w *Watch) Owned(what What) {
	// Before there was a request, nothing can have lost it. A goroutine with its own context, if
	// only that of an Exit, declares that it works for no request. With the ambient half off, no
	// goroutine has a frame.
	if w.begun.Load() && frame.CurrentFrame() == nil && ambient.On() {
		w.Unowned(what)
	}
}

// Context looks at the ctx of a line or span.
func (w *Watch) Context(ctx context.Context, what What) {
	of := frame.Carried(ctx).Owner()
	if of == nil {
		return
	}
	switch here := frame.CurrentOwner(); {
	case here == of:
	case here != nil:
		w.Foreign(what, of, here)
	case of.Life().Expired():
		w.Foreign(what, of, nil)
	}
}
