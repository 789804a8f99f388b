// SPDX-License-Identifier: Apache-2.0

package store

import (
	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// tellReplaced looks, where the function of a Run has returned, whether what carried the context
// there was replaced by somebody else's: nothing here ever takes all of it away. It is not
// told the function: that would put every closure that is run on the heap.
func tellReplaced(w *watch.Watch) {
	if ambient.On() && frame.CurrentFrame() == nil {
		w.Replaced()
	}
}

// stored tells of a Storage that is made anew for each request.
func stored(w *watch.Watch, name string) {
	if r := frame.CurrentOwner(); r != nil {
		w.Stored(name, r)
	}
}
