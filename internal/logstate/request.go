// SPDX-License-Identifier: Apache-2.0

package logstate

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/value"
	"github.com/asynclocal/asynclocal/store"
)

// Request returns the request of ctx, else the calling goroutine's. The goroutine's also counts if
// ctx panics when asked.
func Request(ctx context.Context) (*store.Request, bool) {
	if ctx == nil || !value.Usable(ctx) {
		return store.Current()
	}
	return store.CurrentFrom(ctx)
}
