// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// boundFrame is the frame of work that was bound to a request, with a scope of
// its own: what the work itself starts is good as long as the work runs.
type boundFrame struct {
	Frame
	scope Scope
}

// Bound returns the slot that follows under when exactly v, a and task are set,
// and the scope that the caller ends with the work, nil if there is none to end.
func Bound(under ambient.Slot, v *Values, a *Active, task uint64) (ambient.Slot, *Scope) {
	if v == nil && a == nil && task == 0 {
		return Outside(under), nil
	}
	st := state{under: under}
	if v == nil || v.Owner == nil {
		n := new(struct {
			Frame
			cell Cell
		})
		n.cell.set(v)
		st.init(&n.Frame, &n.cell)
		n.Payload.active, n.Payload.task = a, task
		a.mark(&n.Frame)
		return n.Slot(), nil
	}
	n := new(boundFrame)
	n.scope.request = v.Owner
	n.scope.cell.values.Store(v)
	n.Payload.scope, n.Payload.active, n.Payload.task = &n.scope, a, task
	n.Payload.cell = &n.scope.cell
	n.Init(n.scope.label(), n.scope.idLabel(), under)
	a.mark(&n.Frame)
	return n.Slot(), &n.scope
}

// OverContext returns the slot that follows under when ctx, and what it carries,
// becomes ambient, and the scope to end, as Bound does. A request that ctx carries
// is bound also where the goroutine has inherited it: that may expire meanwhile.
func OverContext(ctx context.Context, under ambient.Slot) (ambient.Slot, *Scope) {
	st := read(under)
	v, c := new(Values), Carried(ctx)
	v.Owner = v.merge(st.values, c)
	v.Ctx = ctx
	active, task := ActiveFrom(ctx), uint64(0)
	if v.Owner == nil || st.values != nil && st.values.Owner == v.Owner {
		if active == nil {
			active = st.active()
		}
		task = st.task()
	}
	if c != nil && c.values.Owner != nil {
		return Bound(under, v, active, task)
	}
	return st.over(v, active), nil
}

// Open returns the slot that follows under when the request of s runs with ctx,
// and the context to hand to it.
func (s *Scope) Open(ctx context.Context, under ambient.Slot) (ambient.Slot, context.Context) {
	n := new(struct {
		Carrier
		values Values
	})
	n.values.merge(read(under).values, Carried(ctx))
	n.values.Owner = s
	n.Carrier.Context, n.Carrier.values, n.Carrier.ambient = ctx, &n.values, true
	n.Carrier.active, n.Carrier.user = ActiveFrom(ctx), ambient.Without(under)
	n.values.Ctx = &n.Carrier
	f := new(Frame)
	f.Payload.scope, f.Payload.cell, f.Payload.active = s, s.open(&n.values), n.Carrier.active
	f.Init(s.label(), s.idLabel(), under)
	n.Carrier.active.mark(f)
	return f.Slot(), &n.Carrier
}
