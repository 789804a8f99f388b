// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// RunContext calls f with ctx, and makes what ctx carries the calling goroutine's context while f
// runs; it restores the context as Storage.Run does. What ctx carries is laid over the ambient
// context; if the two belong to different requests, it replaces the ambient context. It is kept for
// as long as f runs, as by Bind. A nil ctx counts as context.Background.
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

// Context returns the ambient context, for functions that take one: the ctx of the innermost
// RunContext or Request.Run, with every Storage and the span as they are now. Without an ambient
// context it returns context.Background, never nil.
//
// If a ctx parameter is available, pass that one: it may carry a deadline that the ambient context
// does not have.
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
