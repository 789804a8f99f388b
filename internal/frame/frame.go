// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"context"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Frame is what a goroutine's slot leads to.
type Frame = ambient.Frame[Payload]

// Payload is what a frame carries beside its label. It does not change once the
// frame is in a slot, but for nest, which its scope's lock guards.
type Payload struct {
	cell   *Cell               // never nil
	scope  *Scope              // never nil; &outside: in no request, never expires
	active *Active             // nil: no span
	task   uint64              // the bound work that runs, 0 if none
	nest   weak.Pointer[block] // of the next children; weak, for what a finished one had set must go
}

// Current returns what is set on the calling goroutine, nil if nothing is, or if
// it was inherited from a request that has expired.
func Current() *Values {
	f := ambient.Current[Payload]()
	if f == nil {
		return nil
	}
	return f.Payload.Values()
}

// Direct returns what Current does where that takes no search and no look at the
// clock, else nil: then Get knows. It and Find inline into the caller, because
// every call shows on this path.
func Direct(slot ambient.Slot) *Values {
	if !ambient.IsFrame(slot) {
		return nil
	}
	if p := &ambient.Direct[Payload](slot).Payload; p.scope.ended.Load() == 0 {
		return p.cell.values.Load()
	}
	return nil
}

// Get returns the binding of k in the frame that slot leads to, nil if it is unset.
//
//go:noinline
func Get(slot ambient.Slot, k *Key) *Head {
	f := ambient.Of[Payload](slot)
	if f == nil {
		return nil
	}
	return f.Payload.Values().Lookup(k)
}

// Values returns what p leads to, nil once its scope has expired.
func (p *Payload) Values() *Values {
	if p.scope.ended.Load() != 0 {
		return p.lingering()
	}
	return p.cell.load()
}

//go:noinline
func (p *Payload) lingering() *Values {
	if p.scope.Expired() {
		p.scope.late()
		return nil
	}
	return p.cell.load()
}

// Active returns the active span's record, nil if there is none or the frame's
// scope has expired. The caller skips ended ones with Live or Nearest.
func (p *Payload) Active() *Active {
	if p.active == nil || p.scope.Expired() {
		return nil
	}
	return p.active
}

// Task returns the id of the bound work that runs, 0 if none.
func (p *Payload) Task() uint64 { return p.task }

// CurrentActive is Active for the calling goroutine.
func CurrentActive() *Active {
	f := ambient.Current[Payload]()
	if f == nil {
		return nil
	}
	return f.Payload.Active()
}

// CurrentOwner returns the calling goroutine's request, nil if it has none.
func CurrentOwner() *Scope {
	if v := Current(); v != nil {
		return v.Owner
	}
	return nil
}

// Context returns the ambient context, with what is set now. Never nil.
func Context() context.Context {
	f := ambient.Current[Payload]()
	if f == nil {
		return context.Background()
	}
	v, a := f.Payload.Values(), f.Payload.Active()
	if v == nil {
		if a == nil {
			return context.Background()
		}
		v = new(Values)
	}
	return v.context(a)
}

// Parent returns the span that one started now hangs under: the innermost that
// has not ended; in a request whose spans have all ended, the outermost. Outside
// requests nothing ends a goroutine's claim, so there only a live one counts.
func Parent() *Active {
	f := ambient.Current[Payload]()
	if f == nil {
		return nil
	}
	a := f.Payload.Active()
	if f.Payload.scope == &outside {
		return a.Live()
	}
	return a.Nearest()
}

// Relabel returns the slot that follows under when its frame, one of request's,
// is to show the request's new name; under itself where it is none.
func Relabel(under ambient.Slot, request *Scope) ambient.Slot {
	st := read(under)
	if s := st.scope(); s == nil || s.request != request {
		return under
	}
	f := new(Frame)
	st.init(f, st.frame.Payload.cell)
	return f.Slot()
}
