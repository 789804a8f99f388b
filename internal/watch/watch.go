// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"context"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
)

// Watch is who is told. Its functions are called where it happens, on that goroutine: what
// they want to know beside is on its stack. They are all set.
type Watch struct {
	// First is told once, when the first request begins: by then main has set what is global.
	First func()
	// Unowned is told of a line or a span that belongs to no request.
	Unowned func(what What)
	// Foreign is told of a line or a span with a ctx of another request than the goroutine's,
	// here, or of one that has expired: then here is nil.
	Foreign func(what What, of, here *frame.Request)
	// Late is told of the first read after a request has expired.
	Late func(of *frame.Request)
	// Replaced is told, at the end of a Run, that what carries the context was replaced
	// meanwhile: while the function ran that begins at ran. of is nil where the Run is no
	// request's own.
	Replaced func(ran uintptr, of *frame.Request)
	// Over is told that a request has expired, and is not collected yet: a goroutine may
	// have it. It is told on whatever goroutine, of a request that was begun while On.
	Over func(of *frame.Request)
	// Stored is told of a Storage that was made in a request.
	Stored func(name string, of *frame.Request)
	// Plain is told of a middleware that was made with a logger that does not correlate.
	Plain func()

	begun atomic.Bool
}

// What it is that belongs to a request.
type What string

// What may belong to one.
const (
	Line What = "line"
	Span What = "span"
)

var current atomic.Pointer[Watch]

// On returns the watch that is told, nil if there is none.
func On() *Watch { return current.Load() }

// Start makes w the one who is told, and reports false if there is one.
func Start(w *Watch) bool { return current.CompareAndSwap(nil, w) }

// Stop ends that, unless w is not the one.
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
	// Before there was a request, nothing can have lost it; and a goroutine with a context of
	// its own, if only that of an Exit, says that it works for no request. With the ambient
	// half off all of them look so.
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
