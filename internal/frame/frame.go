// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
)

// Frame is what a goroutine's slot leads to.
type Frame = ambient.Frame[Payload]

// Payload is what a frame carries beside its label. It does not change once the frame is in a slot.
//
// Rejected: own in the cells of nested frames, which are emptied after the linger, so that an inheritor
// of a Run in a span would keep 176 bytes less. A record is in one allocation with a frame, which leads
// to a cell, so cells would lead to earlier ones without end.
type Payload struct {
	cell *Cell       // never nil
	life *Lifetime   // never nil; &outside: in no request, never expires
	own  *ActiveSpan // the span that it was entered by, or made in; nil: the one that life has, or none
	task uint64      // the bound work that runs, or 0
}

// Current returns what is set on the calling goroutine; nil if nothing is, or if it was inherited
// from a request that has expired.
func Current() *bindings.Map {
	f := of(ambient.Get())
	if f == nil {
		return nil
	}
	return f.Payload.Values()
}

// Direct returns what Current returns, if that takes no search and no look at the clock. Otherwise it
// returns nil; then ask Get. It inlines into the caller, because every call is measurable here.
func Direct(slot ambient.Slot) *bindings.Map {
	if !ambient.IsFrame(slot) {
		return nil
	}
	if p := &ambient.Direct[Payload](slot).Payload; p.life.Ongoing() {
		return p.cell.values.Load()
	}
	return nil
}

// Search is Direct for a slot that also has labels of the user's. It is one call.
func Search(slot ambient.Slot) *bindings.Map {
	f := ambient.Roomed[Payload](slot)
	if f == nil {
		if f = ambient.Among[Payload](slot); f == nil || tracked.Load() != 0 {
			return nil
		}
	}
	if f.Payload.life.Ended() {
		return nil
	}
	return f.Payload.cell.values.Load()
}

// Get returns the binding of k in the frame that slot leads to, or nil if k is unset.
//
//go:noinline
func Get(slot ambient.Slot, k *bindings.Key) *bindings.Head {
	f := of(slot)
	if f == nil {
		return nil
	}
	return f.Payload.Values().Find(k)
}

// Values returns what p leads to, or nil once its lifetime has expired.
func (p *Payload) Values() *bindings.Map {
	if p.expired() {
		return nil
	}
	return p.cell.load()
}

// expired reports whether p's lifetime has expired, and reports the late read.
func (p *Payload) expired() bool { return p.life.Ended() && p.life.late() }

// Owner returns the request that p belongs to; nil outside requests and once the request has
// expired.
func (p *Payload) Owner() *Request {
	if p.life.request() == nil || p.expired() {
		return nil
	}
	return p.life.request()
}

// Ctx returns p's ambient context, or nil if p never had one or no longer has it.
func (p *Payload) Ctx() *Context {
	if p.expired() {
		return nil
	}
	return p.cell.ctx.Load()
}

// Active returns the active span's record; nil if there is no active span or the frame's lifetime
// has expired.
func (p *Payload) Active() *ActiveSpan {
	a := p.active()
	if a == nil || p.life.Expired() {
		return nil
	}
	return a
}

// active is Active for a frame that has not expired.
func (p *Payload) active() *ActiveSpan {
	if p.own != nil || p.life == &outside {
		return p.own
	}
	if w := p.life.work(); w != nil {
		return w.active()
	}
	return nil
}

// Task returns the id of the bound work that runs, or 0.
func (p *Payload) Task() uint64 { return p.task }

// CurrentFrame returns what the calling goroutine carries, or nil. It may have expired.
func CurrentFrame() *Payload {
	f := of(ambient.Get())
	if f == nil {
		return nil
	}
	return &f.Payload
}

// InRequest reports whether the calling goroutine has a frame of a request.
func InRequest() bool {
	p := CurrentFrame()
	return p != nil && p.life.request() != nil && !p.life.Expired()
}

// CurrentActive is Active for the calling goroutine.
func CurrentActive() *ActiveSpan {
	p := CurrentFrame()
	if p == nil {
		return nil
	}
	return p.Active()
}

// CurrentOwner returns the calling goroutine's request, or nil.
func CurrentOwner() *Request {
	p := CurrentFrame()
	if p == nil {
		return nil
	}
	return p.Owner()
}

// Parent returns the parent of a span that is started now: the innermost span that has not ended;
// in a request whose spans have all ended, the outermost. Outside requests nothing ends a
// goroutine's claim, so there only a live span counts.
func Parent() *Span {
	p := CurrentFrame()
	if p == nil {
		return nil
	}
	a := p.Active()
	if p.life == &outside {
		return a.Live()
	}
	return a.Nearest()
}

// Relabel makes the calling goroutine show r's new name, if its frame is one of r's.
func (r *Request) Relabel() {
	under := ambient.Get()
	st := read(under)
	if st.frame == nil || st.frame.Payload.life.request() != r {
		return
	}
	cover(under)
	f := newFrame(under)
	st.init(f, st.frame.Payload.cell)
	show(under, f.Slot())
}

// ActiveOf returns the span that ctx carries, with its record, or nil. tracing sets it: only
// tracing knows under which key OTel keeps a span.
var ActiveOf func(ctx context.Context) (*ActiveSpan, *Handle)

func activeFrom(ctx context.Context) (*ActiveSpan, *Handle) {
	if ActiveOf == nil {
		return nil, nil
	}
	return ActiveOf(ctx)
}
