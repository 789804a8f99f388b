// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// tellReplaced looks, where the function of a Run has returned, whether what carried the context
// there was replaced by other code: nothing here ever takes all of it away.
func tellReplaced(w *watch.Watch, ran uintptr, of *frame.Request) {
	if ambient.On() && frame.CurrentFrame() == nil {
		w.Replaced(ran, of)
	}
}

// entry returns where f begins. To hand f itself on, or to ask package reflect, would put
// every closure that is run on the heap.
func entry[F func() | func(context.Context)](f F) uintptr { return **ambient.Cast[*uintptr](&f) }

// stored tells of a Storage that is made anew for each request.
func stored(w *watch.Watch, name string) {
	if r := frame.CurrentOwner(); r != nil {
		w.Stored(name, r)
	}
}
