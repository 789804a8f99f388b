// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// Snapshot is a whole context, kept: every Storage that was set, the Request, the ambient
// context.Context and the active span. It holds references, not copies, for as long as it is
// reachable: the end of the Request does not affect it. The zero value is the empty context.
//
// A Snapshot is immutable: it may be run any number of times, concurrently.
type Snapshot struct{ kept frame.Snapshot }

// Capture returns the calling goroutine's context, or the empty Snapshot if nothing is set. It does
// not allocate, unless the goroutine's Request has ended: then it does once.
func Capture() (s Snapshot) {
	s.kept.Capture()
	return s
}

// FromContext returns what ctx carries, and whether it carries anything: whether ctx is, or
// descends from, a context that Request.Run, RunContext, Context, Snapshot.Context or Storage.With
// made. If it carries nothing, or is nil, the Snapshot is empty.
func FromContext(ctx context.Context) (Snapshot, bool) {
	kept, ok := frame.FromContext(ctx)
	return Snapshot{kept}, ok
}

// Run calls f with s as the whole context: a Storage that was set after the capture reads as unset
// inside. It restores the caller's context as Storage.Run does. The user's own profiler labels are
// left as they are.
func (s Snapshot) Run(f func()) {
	needFunc("Snapshot.Run", f != nil)
	before := ambient.Get()
	slot, life := frame.Bound(before, &s.kept)
	frame.Begin(before, slot)
	returned := false
	defer leave(before, slot, life, s.kept.Owner(), &returned)
	f()
	returned = true
	if w := watch.On(); w != nil && s != (Snapshot{}) {
		tellReplaced(w, entry(f), nil)
	}
}

func restore(before, slot ambient.Slot, life *frame.Lifetime) {
	frame.Return(before, slot)
	if life != nil {
		life.End()
	}
}

// Context returns a context with parent's deadline and cancellation, and s's values; for a key that
// both have, s's value. A nil parent counts as context.Background.
func (s Snapshot) Context(parent context.Context) context.Context {
	if parent == nil {
		parent = context.Background()
	}
	return s.kept.Context(parent)
}
