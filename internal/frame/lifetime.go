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

// Request is the part of a store.Request that its frames lead to.
type Request struct {
	Lifetime
	Owner any // the store.Request

	name   atomic.Pointer[string]
	first  string      // the first name, most often the only one
	named  atomic.Bool // first is taken
	labels atomic.Bool // the id too
	spans  Spans
}

// What store does at a request's end, nil: nothing.
var (
	OnEnded    func(*Request) (left bool) // reports whether something is to be released
	OnReleased func(*Request)
	OnLate     func(*Request) // once per request, of a read after it has expired
)

// Init makes r, which is zero, a request of owner's.
func (r *Request) Init(owner any) {
	r.Owner = owner
	r.Term.Init(&r.Lifetime)
}

// SetName sets the label of frames made from now on.
func (r *Request) SetName(name string) {
	at := &r.first
	if r.named.Swap(true) {
		at = new(string)
	}
	*at = name
	r.name.Store(at)
}

// Name returns what SetName has set, "" before.
func (r *Request) Name() string {
	if n := r.name.Load(); n != nil {
		return *n
	}
	return ""
}

// LabelID makes the id a second label of frames made from now on.
func (r *Request) LabelID() { r.labels.Store(true) }

// IDOf returns the id of an Owner. store sets it.
var IDOf func(owner any) string

func (l *Lifetime) label() string {
	if l.request() == nil {
		return ""
	}
	if n := l.request().name.Load(); n != nil {
		return ambient.Label(*n)
	}
	return ""
}

func (l *Lifetime) idLabel() string {
	if l.request() == nil || !l.request().labels.Load() {
		return ""
	}
	return IDOf(l.request().Owner)
}

func (r *Request) cut() (left bool) {
	r.spans.part()
	left = r.spans.any()
	if OnEnded != nil && OnEnded(r) {
		left = true
	}
	return left
}

func (r *Request) release() {
	r.spans.release()
	if OnReleased != nil {
		OnReleased(r)
	}
}
