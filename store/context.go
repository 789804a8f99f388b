// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// RunContext calls f with ctx, and what it carries, as the calling goroutine's
// context, and restores it as Storage.Run does. What ctx carries is laid over
// what is ambient already; where the two belong to different requests, it
// replaces that. What ctx carries is kept for as long as f runs, as by Bind. A nil
// ctx counts as context.Background.
func RunContext(ctx context.Context, f func(context.Context)) {
	needFunc("RunContext", f != nil)
	if ctx == nil {
		ctx = context.Background()
	}
	before := ambient.Get()
	slot, inner, life := frame.OverContext(ctx, before)
	frame.Begin(before, slot)
	defer restore(before, slot, life)
	f(inner)
	if w := watch.On(); w != nil {
		tellReplaced(w, entry(f), nil)
	}
}

// Context returns the ambient context, for functions that want one: the ctx of
// the innermost RunContext or Request.Run, with every Storage and the span as
// they are now. It is context.Background where there is none, never nil.
//
// Where a ctx parameter is at hand, pass that: it may carry a deadline that the
// ambient one does not know.
func Context() context.Context { return frame.FromAmbient() }

// Detach returns a context with ctx's values but without its deadline and
// cancellation, for work that outlives the request that started it. A nil ctx counts as
// the ambient one.
func Detach(ctx context.Context) context.Context {
	if ctx == nil {
		ctx = Context()
	}
	return frame.Detach(ctx)
}
