// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"
	"weak"

	"github.com/asynclocal/asynclocal/internal/bindings"
)

// Cell holds what an inheritor loses while it continues: the ambient context, at the end of the
// lifetime, and the values that are set, when the lifetime has expired.
type Cell struct {
	values atomic.Pointer[bindings.Map]
	ctx    atomic.Pointer[Context] // nil: no context
	// next is the block of the next frames that nest in those of this cell. It is weak, because
	// what an ended Run had set must go. The lifetime's lock guards it.
	next weak.Pointer[block]
}

// noValues and nothing are used in place of nil, so that the fast path need not check for it. unset
// is for cells where nothing is set, but something could be.
var (
	noValues = new(bindings.Map)
	unset    = new(bindings.Map)
	nothing  Cell
)

func init() { nothing.values.Store(noValues) }

func (c *Cell) set(v *bindings.Map, ctx *Context) {
	if v == nil {
		v = noValues
	}
	c.values.Store(v)
	if ctx != nil {
		c.ctx.Store(ctx)
	}
}

// cut removes the context, and reports whether anything is left.
func (c *Cell) cut() bool {
	c.ctx.Store(nil)
	return c.load().Len() > 0
}

func (c *Cell) release() {
	c.ctx.Store(nil)
	c.next = weak.Pointer[block]{}
	c.values.Store(noValues)
}

// load returns the values that set has stored.
func (c *Cell) load() *bindings.Map {
	if v := c.values.Load(); v != noValues {
		return v
	}
	return nil
}

// blockSize is how many frames share a block. A block lives as long as one of them, even when all
// have expired, so it is small; the values of the others stay with it until then.
const blockSize = 4

// block is a handful of cells under one weak pointer. Frames of Runs nested in a request must be
// found when the request ends and expires, and must not pile up in it before: only a weak pointer
// does both, and one for each frame costs more than the Run.
type block struct{ cells [blockSize]Cell }

// take returns an unused cell, or nil. A nil block has none.
func (b *block) take() *Cell {
	if b == nil {
		return nil
	}
	for i := range b.cells {
		if c := &b.cells[i]; c.values.Load() == nil {
			return c
		}
	}
	return nil
}
