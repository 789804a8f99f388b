// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"

	"github.com/asynclocal/asynclocal/store"
)

type noKey struct{}

// usable reports whether ctx can be asked for values: a nil pointer that is a
// context.Context cannot, nor can a struct that embeds a nil one.
func usable(ctx context.Context) (ok bool) {
	if ctx == nil {
		return false
	}
	if ctx == context.Background() {
		return true
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	ctx.Value(noKey{})
	return true
}

// requestIn returns the request of ctx, else the calling goroutine's, which is that of
// a ctx that cannot be asked too.
func requestIn(ctx context.Context) (*store.Request, bool) {
	if ctx == nil || !usable(ctx) {
		return store.Current()
	}
	return store.CurrentFrom(ctx)
}
