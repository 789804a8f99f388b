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
type block struct {
	cells [blockSize]Cell
	used  int
}

// take returns a cell that no frame has, nil if there is none. A nil block has none.
func (b *block) take() *Cell {
	if b == nil || b.used == blockSize {
		return nil
	}
	b.used++
	return &b.cells[b.used-1]
}

func (b *block) clear() {
	for i := range b.cells {
		b.cells[i].set(nil)
	}
}

// blockFrame is the frame that a block is made for. A block by itself is so small
// that hundreds share a span, whose weak pointers the runtime keeps in one list.
type blockFrame struct {
	Frame
	block block
}

// child returns a new frame over f's, in the same scope, and the cell for it, which
// is found again when the scope expires; nil if it has done so just now, for nobody
// would empty the cell any more.
func (f *Payload) child() (n *Frame, c *Cell) {
	s := f.scope
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.released {
		return new(Frame), nil
	}
	if c := f.nest.Value().take(); c != nil {
		return new(Frame), c
	}
	b := new(blockFrame)
	f.nest = weak.Make(&b.block)
	s.remember(f.nest)
	return &b.Frame, b.block.take()
}
