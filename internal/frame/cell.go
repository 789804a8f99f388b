// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"
	"weak"
)

// Cell is where an inheritor finds the values: nil once its scope has expired.
type Cell struct{ values atomic.Pointer[Values] }

// noValues and nothing stand for nil, which the fast path then need not look for.
var (
	noValues = new(Values)
	nothing  Cell
)

func init() { nothing.set(nil) }

func (c *Cell) set(v *Values) {
	if v == nil {
		v = noValues
	}
	c.values.Store(v)
}

// load returns what set has stored.
func (c *Cell) load() *Values {
	if v := c.values.Load(); v != noValues {
		return v
	}
	return nil
}

// blockSize is how many frames share a block. A block lives as long as one of
// them; the values of the others stay with it until then, so it is small.
const blockSize = 4

// block is a handful of cells under one weak pointer. Frames of Runs nested in a
// request must be found when the request expires, and must not pile up in it
// before: only a weak pointer does both, and one a frame costs more than the Run.
type block struct{ cells [blockSize]Cell }

func (b *block) clear() {
	for i := range b.cells {
		b.cells[i].set(nil)
	}
}

// nest is a frame's own hold on the block that its next children use. It is weak
// too: a frame must not keep what a finished child had set.
type nest struct {
	block weak.Pointer[block]
	used  int
}

// cell returns a cell for a child of f's, found again when f's scope expires.
func (f *Payload) nestedCell() *Cell {
	s := f.scope
	s.mu.Lock()
	defer s.mu.Unlock()
	b := f.nest.block.Value()
	if b == nil || f.nest.used == blockSize {
		b = new(block)
		f.nest = nest{block: weak.Make(b)}
		s.remember(f.nest.block)
	}
	c := &b.cells[f.nest.used]
	f.nest.used++
	return c
}
