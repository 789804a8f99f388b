// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
	"github.com/asynclocal/asynclocal/internal/expiry"
)

// Lifetime is the time in which frames are good: that of a request, or of bound work done for a
// request, which may be longer. Frames lead to no other part of a request, and no other part is
// left when the linger is over.
type Lifetime struct {
	expiry.Term
	cell Cell
	tree Tree
}

func init() {
	expiry.Cut = func(t *expiry.Term) bool { return ambient.Cast[Lifetime](t).cut() }
	expiry.Release = func(t *expiry.Term) { ambient.Cast[Lifetime](t).release() }
}

// outside is the lifetime of frames in no request: it never ends.
var outside Lifetime

// request returns the request that l belongs to; nil outside requests, and when the request has
// been released.
func (l *Lifetime) request() *Request {
	if s := l.tree.spans.Load(); s != nil { // the common case, and faster
		return ambient.Cast[Request](s)
	}
	return l.tree.request()
}

// nest stores v and ctx in a cell for a frame of l nested in one that has in; l finds the cell
// again when it ends and expires. It returns &nothing if that has just happened.
func (l *Lifetime) nest(in *Cell, v *bindings.Map, ctx *Context) *Cell {
	c, ended := l.take(in, v, ctx)
	if ended {
		l.Keep(time.Now())
	}
	return c
}

func (l *Lifetime) take(in *Cell, v *bindings.Map, ctx *Context) (c *Cell, ended bool) {
	l.Lock()
	defer l.Unlock()
	if l.Released() {
		return &nothing, false
	}
	if in == &nothing { // l was released since, and has begun again
		in = &l.cell
	}
	if c = in.next.Value().take(); c == nil {
		b := new(block)
		in.next = weak.Make(b)
		list := l.blocks()
		*list = expiry.AppendLiving(*list, in.next)
		c = b.take()
	}
	if l.Ended() {
		ctx = nil
	}
	c.set(v, ctx)
	return c, l.Ended()
}

// blocks returns l's list; l must not have been released. The lock guards it.
func (l *Lifetime) blocks() **[]weak.Pointer[block] {
	if w := l.work(); w != nil {
		return &w.blocks
	}
	return &l.request().blocks
}

// late reports whether l, which has ended, has expired, and reports the first such read.
func (l *Lifetime) late() bool {
	if !l.Expired() {
		return false
	}
	if l.tree.spans.Load() != nil {
		l.tell()
	}
	return true
}

func (l *Lifetime) tell() {
	if r := l.request(); r != nil && OnLate != nil && l.FirstLate() {
		OnLate(r)
	}
	if l.Released() {
		l.Lock()
		defer l.Unlock()
		l.part()
	}
}

// part lets go of the request if l was released, unless a late read is to be reported with it. The
// caller must hold the lock.
func (l *Lifetime) part() {
	if l.Released() && (l.Told() || TellsLate == nil || !TellsLate()) {
		l.tree.loosen()
		l.Forget()
	}
}

// cut drops what no inheritor needs, and reports whether anything is left to release.
func (l *Lifetime) cut() (left bool) {
	l.Lock()
	left = l.cell.cut()
	for _, b := range l.living() {
		left = true
		for i := range b.cells {
			b.cells[i].cut()
		}
	}
	l.Unlock()
	if l.OfRequest() {
		return l.request().cut() || left
	}
	return true
}

// release drops the rest, unless l has begun again meanwhile.
func (l *Lifetime) release() {
	r := l.request()
	if l.empty() && l.OfRequest() && r != nil {
		r.release()
	}
}

// empty empties the cells and lets go of the request. It reports whether l had not begun again.
func (l *Lifetime) empty() bool {
	l.Lock()
	defer l.Unlock()
	if !l.Released() {
		return false
	}
	l.cell.release()
	for _, b := range l.living() {
		for i := range b.cells {
			b.cells[i].release()
		}
	}
	if w := l.work(); w != nil {
		w.blocks, w.home = nil, home{}
	} else if r := l.request(); r != nil {
		r.blocks = nil
	}
	l.part()
	return true
}

// living returns the blocks that still exist. The caller must hold the lock.
func (l *Lifetime) living() (list []*block) {
	if l.work() == nil && l.request() == nil {
		return nil
	}
	blocks := *l.blocks()
	if blocks == nil {
		return nil
	}
	for _, w := range *blocks {
		if b := w.Value(); b != nil {
			list = append(list, b)
		}
	}
	return list
}
