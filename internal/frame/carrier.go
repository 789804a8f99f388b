// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"context"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Carrier is a context.Context that carries Values: the explicit half.
type Carrier struct {
	context.Context
	values *Values
	active *Active
	// ambient is set where the values are, or were, a goroutine's too: only then
	// do profiler labels lead to them, for With leaves the goroutine alone.
	ambient bool
	// user holds the labels of the user's that the goroutine had when c was made:
	// they are c's too, for pprof.Do to add to and to put back.
	user  ambient.Slot
	frame atomic.Pointer[Frame]
}

var carrierKey any = new(struct{ _ byte })

// Carried returns the innermost Carrier of ctx, nil if there is none.
func Carried(ctx context.Context) *Carrier {
	if c, ok := ctx.(*Carrier); ok {
		return c
	}
	if ctx == nil {
		return nil
	}
	c, _ := ctx.Value(carrierKey).(*Carrier)
	return c
}

// IsCarrierKey reports whether Carried asks a context by key: a context that knows
// its Carrier answers without a walk.
func IsCarrierKey(key any) bool { return key == carrierKey }

// Values returns what c carries. A nil c carries nothing.
func (c *Carrier) Values() *Values {
	if c == nil {
		return nil
	}
	return c.values
}

// Value answers for what c carries, then asks the parent.
func (c *Carrier) Value(key any) any {
	if key == carrierKey {
		return c
	}
	if c.ambient && ambient.IsLabelKey(key) {
		return c.labels()
	}
	if c.active != nil {
		if v := c.active.Span.Value(key); v != nil {
			return v
		}
	}
	return c.Context.Value(key)
}

// labels answers pprof.Do and SetGoroutineLabels: with the goroutine's own frame
// where it works for the same request, so that Do inside a nested Run keeps what
// the Run has set, and with the user's labels as c has them.
func (c *Carrier) labels() any {
	if st := read(ambient.Get()); st.frame != nil && st.values.like(c.values) {
		return labelled(st.frame, c.user).LabelValue()
	}
	if f := c.frame.Load(); f != nil {
		return f.LabelValue()
	}
	scope := &outside
	if c.values.Owner != nil {
		scope = c.values.Owner
	}
	f := new(Frame)
	f.Payload.scope, f.Payload.active = scope, c.active
	f.Payload.cell = new(Cell)
	f.Payload.cell.set(c.values)
	f.Init(scope.label(), scope.idLabel(), c.user)
	c.active.mark(f)
	c.frame.CompareAndSwap(nil, f)
	return c.frame.Load().LabelValue()
}

// like reports whether v, which a goroutine has, is what became of w there: they
// belong to the same request, and w has nothing if v has.
func (v *Values) like(w *Values) bool {
	if v == nil {
		return w.n == 0 && w.Owner == nil
	}
	return v.Owner == w.Owner
}

// labelled returns f, or one like it, with the labels of the user's that user has.
func labelled(f *Frame, user ambient.Slot) *Frame {
	if ambient.SameLabels(f.Slot(), user) {
		return f
	}
	p := &f.Payload
	g := new(Frame)
	g.Payload.cell, g.Payload.scope, g.Payload.active, g.Payload.task = p.cell, p.scope, p.active, p.task
	g.Init(p.scope.label(), p.scope.idLabel(), user)
	p.active.mark(g)
	return g
}

// context returns v's context with what is set and a, the active span.
func (v *Values) context(a *Active) context.Context {
	a = a.Live()
	user := ambient.Without(ambient.Get())
	if c, ok := v.Ctx.(*Carrier); ok && c.values == v && (a == nil || a == c.active) && c.user == user {
		return c
	}
	parent := v.Ctx
	if parent == nil {
		parent = context.Background()
	}
	return &Carrier{Context: parent, values: v, active: a, ambient: true, user: user}
}

// WithValue returns a copy of ctx that carries value under k too.
func WithValue[T any](ctx context.Context, k *Key, value T) context.Context {
	n := new(struct {
		Carrier
		values  Values
		binding Binding[T]
	})
	n.values.set(Carried(ctx).Values(), k, n.binding.bind(k, &n.values, value))
	n.Carrier.Context, n.Carrier.values = ctx, &n.values
	return &n.Carrier
}

// Lookup returns the binding of k that ctx carries, else the ambient one: the
// ambient one counts only where the two do not belong to different requests.
func Lookup(ctx context.Context, k *Key) *Head {
	c := Carried(ctx)
	if c == nil {
		return Current().Lookup(k)
	}
	if h := c.values.Find(k); h != nil {
		return h
	}
	v := Current()
	if v == nil || v.Owner != nil && c.values.Owner != nil && v.Owner != c.values.Owner {
		return nil
	}
	return v.Find(k)
}

// OwnerFrom returns the request that ctx carries, else the ambient one.
func OwnerFrom(ctx context.Context) *Scope {
	if c := Carried(ctx); c != nil && c.values.Owner != nil {
		return c.values.Owner
	}
	return CurrentOwner()
}

// merge makes v, which is zero, what is set where ctx's carrier becomes ambient
// over low, and returns the request it belongs to. Two requests never mix.
func (v *Values) merge(low *Values, c *Carrier) *Scope {
	top := c.Values()
	switch {
	case top == nil:
		v.rescope(low)
	case low == nil || low.Owner != nil && top.Owner != nil && low.Owner != top.Owner:
		v.rescope(top)
	default:
		v.rescope(low)
		if top != low {
			v.overlay(top)
		}
	}
	if top != nil && top.Owner != nil {
		return top.Owner
	}
	if low != nil {
		return low.Owner
	}
	return nil
}

// Over returns v with ctx as its context.
func (v *Values) Over(ctx context.Context) *Values {
	if v == nil || v.Ctx == ctx {
		return v
	}
	w := new(Values)
	w.rescope(v)
	w.Ctx = ctx
	return w
}

// Join returns a context with parent's deadline and cancellation that carries v,
// and answers for the keys of v's own context before parent does.
func Join(parent context.Context, v *Values, a *Active) context.Context {
	if v == nil {
		v = new(Values)
	}
	if v.Ctx != nil {
		// Not its cancellation: context.Cause would report the wrong one.
		parent = joined{parent, context.WithoutCancel(v.Ctx)}
	}
	user := ambient.Without(ambient.Get())
	return &Carrier{Context: parent, values: v, active: a.Live(), ambient: true, user: user}
}

type joined struct {
	context.Context
	values context.Context
}

func (j joined) Value(key any) any {
	if v := j.values.Value(key); v != nil {
		return v
	}
	return j.Context.Value(key)
}
