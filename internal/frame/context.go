// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
)

// Context is a context.Context that carries what is set: the explicit half.
//
// It never has a Context below it that it answers for: a Context made over another replaces that
// one. Otherwise work that hands on its context, hop after hop, would make a chain that each hop is
// slower to ask.
type Context struct {
	context.Context               // below it
	values          *bindings.Map // leads only to values
	of              *Request
	span            *Span                   // nil: that of the context below
	bare            atomic.Pointer[Context] // c without its span; nil if that is not known
	// user holds the user's labels that the goroutine had when c was made. c has them too, so that
	// pprof.Do can add to them and put them back.
	user     ambient.Slot
	labelled atomic.Pointer[labelling] // nil: c was not asked for labels yet; or explicit
}

// explicit marks a Context whose values are not, and never were, also a goroutine's. Profiler labels
// do not lead to them, because With leaves the goroutine alone.
var explicit = new(labelling)

func (c *Context) explicit() bool { return c.labelled.Load() == explicit }

// like marks c, which is not shared yet, in the way other is.
func (c *Context) like(other *Context) *Context {
	if other.explicit() {
		c.labelled.Store(explicit)
	}
	return c
}

var carrierKey any = new(struct{ _ byte })

// Carried returns the innermost Context of ctx, or nil.
func Carried(ctx context.Context) *Context {
	if c, ok := ctx.(*Context); ok {
		return c
	}
	if ctx == nil {
		return nil
	}
	c, _ := ctx.Value(carrierKey).(*Context)
	return c
}

// IsCarrierKey reports whether Carried asks a context by key: a context that knows
// its Context answers without a walk.
func IsCarrierKey(key any) bool { return key == carrierKey }

// Values returns what c carries. A nil c carries nothing.
func (c *Context) Values() *bindings.Map {
	if c == nil {
		return nil
	}
	return c.values
}

// At is Values().At in parts that inline into the fast paths: c must not be nil.
func (c *Context) At(k *bindings.Key) *bindings.Head {
	if c.values == nil {
		return nil
	}
	return c.values.At(k)
}

// Owner returns the request that c belongs to, or nil; c may be nil.
func (c *Context) Owner() *Request {
	if c == nil {
		return nil
	}
	return c.of
}

// Value returns what c carries under key, else what the context below has.
func (c *Context) Value(key any) any {
	if key == carrierKey {
		return c
	}
	if ambient.IsLabelKey(key) && !c.explicit() {
		return c.labels()
	}
	if c.span != nil {
		if v := c.span.Value(key); v != nil {
			return v
		}
	}
	return c.Context.Value(key)
}

// Layer is a context that adds a span to the one below, and nothing else.
type Layer interface {
	context.Context
	// Below returns the context below, or nil if more was added.
	Below() context.Context
}

// over puts c over parent, in place of the Contexts that it answers for.
func (c *Context) over(parent context.Context) {
	for {
		switch p := parent.(type) {
		case *Context:
			if c.span == nil {
				c.span = p.span
			}
			parent = p.Context
			continue
		case Layer:
			if below := p.Below(); below != nil && c.span != nil && Carried(below) != nil {
				parent = below
				continue
			}
		}
		c.Context = parent
		return
	}
}

// Spanless returns ctx, or if that is a Context with a span, one without it: a new span answers for
// that itself.
func Spanless(ctx context.Context) context.Context {
	c, ok := ctx.(*Context)
	if !ok || c.span == nil {
		return ctx
	}
	if c.values == nil && c.of == nil && c.user == (ambient.Slot{}) {
		return c.Context
	}
	return c.spanless()
}

// spanless returns c without its span. c may be nil.
func (c *Context) spanless() *Context {
	if c == nil || c.span == nil {
		return c
	}
	if b := c.bare.Load(); b != nil {
		return b
	}
	b := (&Context{Context: c.Context, values: c.values, of: c.of, user: c.user}).like(c)
	c.bare.Store(b)
	return b
}

// FromAmbient returns the ambient context, with what is set now. It never returns nil.
func FromAmbient() context.Context {
	p := CurrentFrame()
	if p == nil || p.expired() {
		return context.Background()
	}
	a := p.active()
	v, ctx, span := p.cell.load(), p.cell.ctx.Load(), a.Live()
	if span == nil && ctx == nil && p.life != &outside {
		span = a.Nearest()
	}
	user := ambient.Without(ambient.Get())
	if ctx.same(v, span, user) {
		return ctx
	}
	if ctx == nil {
		if v == nil && span == nil && p.life == &outside {
			return context.Background()
		}
		ctx = empty
	}
	c := &Context{values: v.Free(), of: p.life.request(), span: span, user: user}
	if ctx.values == c.values && ctx.user == user && ctx.span == nil && ctx != empty {
		c.bare.Store(ctx)
	}
	c.over(ctx)
	return c
}

var empty = &Context{Context: context.Background()}

// same reports whether c is the ambient context with v, span and user.
func (c *Context) same(v *bindings.Map, span *Span, user ambient.Slot) bool {
	return c != nil && c.values == v.Free() && (span == nil || span == c.span) && c.user == user
}

// WithValue returns a copy of ctx that also carries value under k.
func WithValue[T any](ctx context.Context, k *bindings.Key, value T) context.Context {
	n := new(struct {
		Context
		values  bindings.Map
		binding bindings.Binding[T]
	})
	c := Carried(ctx)
	if c.Values().Full() {
		n.values.Set(c.values, bindings.New(k, value))
	} else {
		n.values.Set(c.Values(), n.binding.Bind(k, &n.values, value))
	}
	if p, ok := ctx.(*Context); ok && p.explicit() {
		ctx = p.Context // n answers for it
	}
	n.Context.Context, n.Context.values, n.Context.of = ctx, &n.values, c.Owner()
	n.Context.labelled.Store(explicit)
	return &n.Context
}

// Lookup returns the binding of k that ctx carries, else the ambient one: the ambient one counts
// only if the two do not belong to different requests.
func Lookup(ctx context.Context, k *bindings.Key) *bindings.Head {
	c := Carried(ctx)
	if h := c.Values().Find(k); h != nil {
		return h
	}
	p := CurrentFrame()
	if p == nil {
		return nil
	}
	if c != nil && c.of != nil {
		if here := p.Owner(); here != nil && here != c.of {
			return nil
		}
	}
	return p.Values().Find(k)
}

// OwnerFrom returns the request that ctx carries, else the ambient one.
func OwnerFrom(ctx context.Context) *Request {
	if c := Carried(ctx); c != nil && c.of != nil {
		return c.of
	}
	return CurrentOwner()
}

// Detach returns ctx without its deadline and cancellation.
func Detach(ctx context.Context) context.Context {
	if ctx.Done() == nil && ctx.Err() == nil {
		if _, ok := ctx.Deadline(); !ok {
			return ctx
		}
	}
	c, ok := ctx.(*Context)
	if !ok {
		return context.WithoutCancel(ctx)
	}
	d := &Context{Context: context.WithoutCancel(c.Context), values: c.values, of: c.of, span: c.span, user: c.user}
	return d.like(c)
}

// wrap returns ctx, whose innermost Context is c, as a Context itself.
func wrap(ctx context.Context, c *Context, span *Span, under ambient.Slot) *Context {
	if own, ok := ctx.(*Context); ok {
		return own
	}
	w := &Context{values: c.values, of: c.of, span: span, user: ambient.Without(under)}
	w.over(ctx)
	return w
}

// join returns a context with parent's deadline and cancellation that carries s.
func join(parent context.Context, s *Snapshot) context.Context {
	c := &Context{values: s.values.Free(), of: s.Owner(), span: s.active.Live()}
	c.user = ambient.Without(ambient.Get())
	ctx := s.ctx()
	if c.span == nil && ctx != nil {
		c.span = ctx.span
	}
	if c.span == nil && c.of != nil {
		c.span = s.active.Nearest()
	}
	if ctx == nil || ctx.Context == context.Background() || Carried(parent).isOver(ctx.Context) {
		c.over(parent)
		return c
	}
	if j, ok := ctx.Context.(joined); ok && j.Context == context.Background() {
		c.Context = joined{parent, j.values}
		return c
	}
	// Not its cancellation: context.Cause would report the wrong one.
	c.Context = joined{parent, context.WithoutCancel(ctx.Context)}
	return c
}

// isOver reports whether ctx is directly below c: then a context that descends from c answers for
// ctx. Asking both would be asking twice, at each hop.
func (c *Context) isOver(ctx context.Context) bool {
	return c != nil && reflect.TypeOf(c.Context) == reflect.TypeOf(ctx) && reflect.ValueOf(ctx).Comparable() && c.Context == ctx
}

// joined is a context that asks another's values first.
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
