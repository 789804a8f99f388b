// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"context"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Active is the record of a span that is, or was, the active one on a goroutine.
// tracing makes it; this package carries it, and logging reads its ids without
// knowing OTel.
type Active struct {
	Span Span

	above *Active // the one that was active before, nil for the outermost
	depth int32
	ended atomic.Bool
	hex   atomic.Pointer[Hex]
	frame *Frame // by which it was entered, nil if it was not
	prev  ambient.Slot
}

// Span is what tracing knows of a span. It is an interface, and asked for the ids,
// because a func, or ids copied out at the start, would be paid for by every span.
type Span interface {
	// Value answers a context's Value for the span's own keys, nil for others.
	Value(key any) any
	IDs() (trace [16]byte, span [8]byte, flags byte)
	// Label returns the value of the profiler label that LabelSpans asks for.
	Label() string
}

// maxDepth bounds how many spans are kept that were started inside each other and
// not ended: past it those between the outermost and the newest are forgotten.
const maxDepth = 128

// Enter makes a the active span of the calling goroutine, by f, which is zero. It is
// called once. Where f is in the allocation of a's, this makes none.
func (a *Active) Enter(f *Frame) {
	a.frame = f
	under := ambient.Get()
	if ambient.IsFrame(under) {
		if up := ambient.Direct[Payload](under); up.Payload.running() {
			a.over(up, under)
			return
		}
	}
	if ambient.On() {
		a.overAny(popped(under))
	}
}

// running reports whether p's frame, or the request that it belongs to, is neither
// over nor about to be: what most spans are started over.
func (p *Payload) running() bool {
	return p.scope.ended.Load() == 0 && (p.active == nil || !p.active.Ended())
}

// over is overAny for that.
func (a *Active) over(up *Frame, under ambient.Slot) {
	a.prev = under
	a.under(up.Payload.active)
	p := &a.frame.Payload
	p.cell, p.scope, p.task, p.active = up.Payload.cell, up.Payload.scope, up.Payload.task, a
	a.frame.Init(p.scope.label(), "", ambient.Slot{})
	if spanLabel.Load() != nil {
		a.mark(a.frame)
	}
	ambient.Set(a.frame.Slot())
}

func (a *Active) overAny(under ambient.Slot) {
	st := read(under)
	a.prev = under
	a.under(st.active())
	cell := &nothing
	if st.frame != nil {
		cell = st.frame.Payload.cell
	}
	st.init(a.frame, cell)
	a.frame.Payload.active = a
	a.mark(a.frame)
	ambient.Set(a.frame.Slot())
}

// under notes that up was active before a.
func (a *Active) under(up *Active) {
	switch {
	case up == nil:
	case up.depth+1 < maxDepth:
		a.above, a.depth = up, up.depth+1
	default:
		a.forget(up.outermost())
	}
}

// forget makes a hang right under root. What is below a in the slot has all that was
// set there, but for the span: frames of those between lead to each other.
func (a *Active) forget(root *Active) {
	// Not read: what has expired meanwhile is still below, and root comes from there.
	p := &ambient.Of[Payload](a.prev).Payload
	f := new(Frame)
	f.Payload.cell, f.Payload.scope, f.Payload.task, f.Payload.active = p.cell, p.scope, p.task, root
	f.Init(p.scope.label(), p.scope.idLabel(), a.prev)
	root.mark(f)
	a.above, a.depth, a.prev = root, root.depth+1, f.Slot()
}

// Leave ends a, and takes its frame, with those of other ended spans below it,
// from the calling goroutine's slot if it is on top there. Anywhere else, later,
// or again, it only marks a: reads skip it.
func (a *Active) Leave() {
	a.End()
	if a.frame == nil || !a.frame.Is(ambient.Get()) {
		return
	}
	if prev := a.prev; ambient.IsFrame(prev) && ambient.Direct[Payload](prev).Payload.running() {
		ambient.Set(prev)
	} else {
		ambient.Set(popped(prev))
	}
}

// popped returns what is below the frames of ended spans on top of slot.
func popped(slot ambient.Slot) ambient.Slot {
	for {
		f := ambient.Of[Payload](slot)
		if f == nil || !f.Is(slot) {
			return slot
		}
		a := f.Payload.active
		if a == nil || f != a.frame || !a.Ended() {
			return slot
		}
		slot = a.prev
	}
}

// Owner returns the request in which Enter was called, nil outside requests.
func (a *Active) Owner() *Scope {
	if a.frame == nil || a.frame.Payload.scope == nil {
		return nil
	}
	return a.frame.Payload.scope.request
}

func (a *Active) outermost() *Active {
	for a.above != nil {
		a = a.above
	}
	return a
}

// End marks a as ended: reads skip it from now on.
func (a *Active) End() { a.ended.Store(true) }

// Ended reports whether End has been called.
func (a *Active) Ended() bool { return a.ended.Load() }

// Live returns a or the nearest one above it that has not ended, else nil.
func (a *Active) Live() *Active {
	for ; a != nil; a = a.above {
		if !a.ended.Load() {
			return a
		}
	}
	return nil
}

// Nearest returns the nearest live one; where all have ended, the outermost: what
// a request started late belongs to the request's span, though it is over.
func (a *Active) Nearest() *Active {
	for ; a != nil; a = a.above {
		if !a.ended.Load() || a.above == nil {
			return a
		}
	}
	return nil
}

// Hex holds the ids in lower-case hexadecimal, made once for all lines of a span, and
// for its Server-Timing. What its methods return lies in it: no more allocations.
type Hex struct{ text [len(timing) + 52]byte }

const timing = "trace;desc=00-"

// TraceID is 32 digits.
func (h *Hex) TraceID() string { return ambient.String(h.text[len(timing):][:32]) }

// SpanID is 16 digits.
func (h *Hex) SpanID() string { return ambient.String(h.text[len(timing)+33:][:16]) }

// Flags is 2 digits.
func (h *Hex) Flags() string { return ambient.String(h.text[len(timing)+50:][:2]) }

// Timing is "trace;desc=00-…-…-01".
func (h *Hex) Timing() string { return ambient.String(h.text[:]) }

// Hex returns a's ids as text.
func (a *Active) Hex() *Hex {
	if h := a.hex.Load(); h != nil {
		return h
	}
	trace, span, flags := a.Span.IDs()
	h := NewHex(trace, span, flags)
	a.hex.Store(h)
	return h
}

// NewHex returns the text of a span's ids.
func NewHex(trace [16]byte, span [8]byte, flags byte) *Hex {
	h := new(Hex)
	b := h.text[copy(h.text[:], timing):]
	encode(b[:32], trace[:])
	encode(b[33:49], span[:])
	encode(b[50:], []byte{flags})
	b[32], b[49] = '-', '-'
	return h
}

func encode(dst, src []byte) {
	const digits = "0123456789abcdef"
	for i, b := range src {
		dst[2*i], dst[2*i+1] = digits[b>>4], digits[b&15]
	}
}

// ActiveOf returns the span that ctx carries, nil if none. tracing sets it: only
// there is it known under which key OTel keeps a span.
var ActiveOf func(ctx context.Context) *Active

// ActiveFrom returns the span that ctx carries, nil if none.
func ActiveFrom(ctx context.Context) *Active {
	if ActiveOf == nil || ctx == nil {
		return nil
	}
	return ActiveOf(ctx)
}
