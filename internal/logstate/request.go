// SPDX-License-Identifier: Apache-2.0

package logstate

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/store"
)

// Request returns the request of ctx, else the calling goroutine's, which is that of
// a ctx that cannot be asked too.
func Request(ctx context.Context) (*store.Request, bool) {
	if ctx == nil || !value.Usable(ctx) {
		return store.Current()
	}
	return store.CurrentFrom(ctx)
}
