// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"time"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Own is what a span outside requests owns.
type Own struct {
	tree  Tree // used if there is no span above it
	spans Spans
	cell  Cell
}

// Enter makes a the active span of the calling goroutine, by f, which must be zero. It is called
// once. If f is in a's allocation, it does not allocate. own is nil in a request. Leave puts back
// prev, because the span may have set labels since.
func (a *ActiveSpan) Enter(f *Frame, own *Own, prev ambient.Slot) {
	a.frame = f
	a.prev.Store(prev)
	under := ambient.Get()
	if ambient.IsFrame(under) {
		if up := ambient.Direct[Payload](under); up.Payload.running() {
			a.over(up, own)
			return
		}
	}
	if ambient.On() {
		a.prev.Store(popped(prev))
		a.overAny(own, popped(under))
	}
}

// running reports whether p's frame, and the request that it belongs to, are neither over nor about
// to be: most spans are started over such a frame.
func (p *Payload) running() bool {
	return !p.life.Ended() && (p.own == nil || !p.own.Ended())
}

// over is overAny for such a frame.
func (a *ActiveSpan) over(up *Frame, own *Own) {
	p := &a.frame.Payload
	p.cell, p.life, p.task, p.own = up.Payload.cell, up.Payload.life, up.Payload.task, a
	if p.life == &outside {
		own = a.settle(up.Payload.cell, own)
	}
	a.enlist(up.Payload.active(), own)
	a.frame.Init(p.life.request().label(), "", ambient.Slot{})
	if spanLabel.Load() != nil {
		a.mark(a.frame)
	}
	enter(a.frame.Slot())
}

func (a *ActiveSpan) overAny(own *Own, under ambient.Slot) {
	st := read(under)
	cell := &nothing
	if st.frame != nil {
		cell = st.frame.Payload.cell
	}
	st.init(a.frame, cell)
	a.frame.Payload.own = a
	if st.life() == nil {
		own = a.settle(cell, own)
	}
	a.enlist(st.active(), own)
	a.mark(a.frame)
	enter(a.frame.Slot())
}

// settle gives a, outside requests, its own cell with what c has. c is in the allocation of a
// frame, which leads to the previous span. With c, work that is bound in a span, starts another span
// and is bound in that one would never let go of the first.
func (a *ActiveSpan) settle(c *Cell, own *Own) *Own {
	own = own.orNew()
	if c != &nothing {
		own.cell.set(c.load().Free(), c.ctx.Load().spanless())
		if own.cell.values.Load() == noValues && c.values.Load() != noValues {
			own.cell.values.Store(unset)
		}
		a.frame.Payload.cell = &own.cell
	}
	return own
}

// orNew returns own, or a new Own if it is nil: the request that the span was to belong to has just
// expired.
func (own *Own) orNew() *Own {
	if own == nil {
		return new(Own)
	}
	return own
}

// enlist notes that a was started under up, which may be nil.
func (a *ActiveSpan) enlist(up *ActiveSpan, own *Own) {
	life := a.frame.Payload.life
	spans := life.tree.load()
	switch {
	case spans != nil:
		of := life.request()
		if of.Ended() {
			defer of.Keep(time.Now())
		}
		a.span.Load().Request = of
		a.inRequest = true
		a.tree.Store(&life.tree)
	case up.spans() != nil:
		spans = up.spans()
		a.tree.Store(up.tree.Load())
	default:
		own = own.orNew()
		spans = &own.spans
		own.tree.hold(spans)
		a.tree.Store(&own.tree)
	}
	if up != nil && up.spans() != spans {
		spans.add(a, nil, spans.invite(up.orUp()))
		return
	}
	spans.add(a, up, 0)
}
