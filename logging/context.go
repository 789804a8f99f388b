// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"

	"github.com/asynclocal/asynclocal/logging/internal/value"
	"github.com/asynclocal/asynclocal/store"
)

// requestIn returns the request of ctx, else the calling goroutine's, which is that of
// a ctx that cannot be asked too.
func requestIn(ctx context.Context) (*store.Request, bool) {
	if ctx == nil || !value.Usable(ctx) {
		return store.Current()
	}
	return store.CurrentFrom(ctx)
}
