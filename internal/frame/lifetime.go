// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
	"github.com/asynclocal/asynclocal/internal/expiry"
)

// Lifetime is the time in which frames are good: a request's, or that of bound work
// done for a request, which may be longer.
type Lifetime struct {
	expiry.Term
	cell Cell

	blocks *[]weak.Pointer[block] // of nested frames; the lock of the Term guards it

	work *work // nil: it is a request's
}

// request returns the request that l is of, nil outside.
func (l *Lifetime) request() *Request { return ambient.Cast[Request](l.Request()) }

// work is what the lifetime of bound work has beside.
type work struct {
	// origin is the active span that bound work has while it runs, then home is what remains
	// of it: what of the work has nothing live above it hangs under that. It is not origin
	// for longer, because that leads to the work which it was started in.
	origin atomic.Pointer[ActiveSpan]
	home   home // the lock guards it
}

// home is where a span is, or was, in its request's Spans.
type home struct {
	seq  uint32
	rest *Span
}

// outside is the lifetime of frames in no request: it never ends.
var outside Lifetime

// nest stores v and ctx in a cell for a frame of l nested in one that has in, which is found
// again when l ends and expires. It is &nothing if that has happened just now.
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
	c = in.next.Value().take()
	if c == nil {
		b := new(block)
		in.next = weak.Make(b)
		l.blocks = expiry.AppendLiving(l.blocks, in.next)
		c = b.take()
	}
	if l.Ended() {
		ctx = nil
	}
	c.set(v, ctx)
	return c, l.Ended()
}

// End ends a run of the request, or the bound work.
func (l *Lifetime) End() {
	if o := l.work.under(); o != nil {
		h := l.request().spans.home(o)
		l.Lock()
		l.work.home = h
		l.Unlock()
		l.work.origin.Store(nil)
	}
	l.Term.End()
}

// above returns what bound work is under: a live span, else what the outermost has left;
// nothing where l is not of bound work, or that had no span.
func (l *Lifetime) above() (up *ActiveSpan, rest *Span) {
	if l.work == nil {
		return nil, nil
	}
	if o := l.work.under(); o != nil {
		return o.orUp()
	}
	l.Lock()
	h := l.work.home
	l.Unlock()
	if h == (home{}) {
		return nil, nil
	}
	if up, rest = l.request().spans.from(h.seq); up == nil && rest == nil {
		rest = h.rest
	}
	return up, rest
}

// under returns origin; w may be nil.
func (w *work) under() *ActiveSpan {
	if w == nil {
		return nil
	}
	return w.origin.Load()
}

// late reports whether l, which has ended, has expired, and tells of the first such read.
func (l *Lifetime) late() bool {
	if !l.Expired() {
		return false
	}
	if OnLate != nil && l.FirstLate() {
		OnLate(l.request())
	}
	return true
}

// Cut makes l an expiry.Holder.
func (l *Lifetime) Cut() (left bool) {
	left = l.cell.cut()
	for _, b := range l.living() {
		for i := range b.cells {
			if b.cells[i].cut() {
				left = true
			}
		}
	}
	if l == &l.request().Lifetime {
		return l.request().cut() || left
	}
	return left
}

// Release makes l an expiry.Holder.
func (l *Lifetime) Release() {
	l.cell.release()
	if l.work != nil {
		l.Lock()
		l.work.home = home{}
		l.Unlock()
	}
	for _, b := range l.living() {
		for i := range b.cells {
			b.cells[i].release()
		}
	}
	l.Lock()
	if l.Released() {
		l.blocks = nil
	}
	l.Unlock()
	if l == &l.request().Lifetime {
		l.request().release()
	}
}

func (l *Lifetime) living() (list []*block) {
	l.Lock()
	defer l.Unlock()
	if l.blocks == nil {
		return nil
	}
	for _, w := range *l.blocks {
		if b := w.Value(); b != nil {
			list = append(list, b)
		}
	}
	return list
}
