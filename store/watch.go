// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// tellReplaced checks, once the function of a Run has returned, whether other code replaced what
// carried the context there: nothing in this package ever removes all of it.
func tellReplaced(w *watch.Watch, ran uintptr, of *frame.Request) {
	if ambient.On() && frame.CurrentFrame() == nil {
		w.Replaced(ran, of)
	}
}

// entry returns the entry address of f. Handing on f itself, or asking package reflect, would put
// every closure that is run on the heap.
func entry[F func() | func(context.Context)](f F) uintptr { return **ambient.Cast[*uintptr](&f) }

// stored reports a Storage that is made anew for each request.
func stored(w *watch.Watch, name string) {
	if r := frame.CurrentOwner(); r != nil {
		w.Stored(name, r)
	}
}
