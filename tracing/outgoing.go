// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/store"
)

// outgoing returns ctx for work that will run outside the ambient context: if ctx was dropped on
// the way, the result answers for the ambient one too, unless ctx belongs to another request.
func outgoing(ctx context.Context) context.Context {
	given := requestIn(ctx)
	if given != nil && (explicit(ctx) != nil || given != ambientRequest()) {
		return ctx
	}
	ambient := frame.FromAmbient()
	if ambient == context.Background() {
		return ctx
	}
	if given == nil && frame.Carried(ctx) != nil {
		// It has Storages and no request. The ambient context has both.
		store.RunContext(ctx, func(context.Context) { ctx = store.Context() })
	}
	return &both{ctx, ambient}
}

// requestIn returns the request that ctx belongs to, or nil.
func requestIn(ctx context.Context) *store.Request {
	if r := carriedRequest(frame.Carried(ctx)); r != nil {
		return r
	}
	if s, ok := explicit(ctx).(*span); ok {
		return s.request
	}
	return nil
}

// both is a context that asks a second one for what it does not know: its own values come first,
// and deadline and cancellation are its own.
type both struct {
	context.Context
	ambient context.Context
}

func (b *both) Value(key any) any {
	v := b.Context.Value(key)
	if v == nil || key == spanKey && explicit(b.Context) == nil {
		return b.ambient.Value(key)
	}
	return v
}
