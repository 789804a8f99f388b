// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// A medium is one of the two ways that a context travels. What TestBothMedia
// says holds for both: the ambient one ignores the contexts that it is handed, and
// the explicit one never looks at the goroutine.
type medium struct {
	name    string
	set     func(ctx context.Context, s *store.Storage[any], value any, f func(context.Context))
	get     func(ctx context.Context, s *store.Storage[any]) (any, bool)
	request func(ctx context.Context, r *store.Request, f func(context.Context))
	current func(ctx context.Context) (*store.Request, bool)
	capture func(ctx context.Context) store.Snapshot
	run     func(s store.Snapshot, f func(context.Context))
	start   func(ctx context.Context, f func(context.Context)) // a goroutine, and wait for it
}

var theGoroutine = medium{
	name: "ambient",
	set: func(_ context.Context, s *store.Storage[any], value any, f func(context.Context)) {
		s.Run(value, func() { f(nil) })
	},
	get:     func(_ context.Context, s *store.Storage[any]) (any, bool) { return s.GetStore() },
	current: func(context.Context) (*store.Request, bool) { return store.Current() },
	request: func(_ context.Context, r *store.Request, f func(context.Context)) {
		r.Run(context.Background(), func(context.Context) { f(nil) })
	},
	capture: func(context.Context) store.Snapshot { return store.Capture() },
	run:     func(s store.Snapshot, f func(context.Context)) { s.Run(func() { f(nil) }) },
	start:   func(_ context.Context, f func(context.Context)) { await(func() { f(nil) }) },
}

var aContext = medium{
	name: "explicit",
	set: func(ctx context.Context, s *store.Storage[any], value any, f func(context.Context)) {
		f(s.With(ctx, value))
	},
	get: func(ctx context.Context, s *store.Storage[any]) (v any, ok bool) {
		store.Exit(func() { v, ok = s.From(ctx) })
		return v, ok
	},
	current: func(ctx context.Context) (r *store.Request, ok bool) {
		store.Exit(func() { r, ok = store.CurrentFrom(ctx) })
		return r, ok
	},
	request: func(ctx context.Context, r *store.Request, f func(context.Context)) {
		store.Exit(func() { r.Run(ctx, f) })
	},
	capture: func(ctx context.Context) store.Snapshot {
		s, _ := store.FromContext(ctx)
		return s
	},
	run: func(s store.Snapshot, f func(context.Context)) { f(s.Context(context.Background())) },
	start: func(ctx context.Context, f func(context.Context)) {
		store.Exit(func() { await(func() { f(ctx) }) })
	},
}

// carried is a medium in a test, with a storage or two.
type carried struct {
	medium
	testing.TB
	a, b *store.Storage[any]
}

func (c *carried) want(ctx context.Context, s *store.Storage[any], want any) {
	c.Helper()
	if got, ok := c.get(ctx, s); got != want || !ok {
		c.Errorf("%s is %v, %v; want %v, true", s.Name(), got, ok, want)
	}
}

func (c *carried) wantUnset(ctx context.Context, s *store.Storage[any]) {
	c.Helper()
	if got, ok := c.get(ctx, s); got != "default" || ok {
		c.Errorf("%s is %v, %v; want the default, false", s.Name(), got, ok)
	}
}

func (c *carried) wantCurrent(ctx context.Context, want *store.Request) {
	c.Helper()
	if got, ok := c.current(ctx); got != want || ok != (want != nil) {
		c.Errorf("the request is %v, %v; want %v", got, ok, want)
	}
}

var mediumTests = map[string]func(c *carried, ctx context.Context){
	"a storage that was never set gives the default and false": func(c *carried, ctx context.Context) {
		c.wantUnset(ctx, c.a)
		c.wantCurrent(ctx, nil)
	},
	"the inner value inside, the outer one after": func(c *carried, ctx context.Context) {
		c.set(ctx, c.a, 1, func(ctx context.Context) {
			c.set(ctx, c.a, 2, func(ctx context.Context) { c.want(ctx, c.a, 2) })
			c.want(ctx, c.a, 1)
		})
		c.wantUnset(ctx, c.a)
	},
	"storages know nothing of each other": func(c *carried, ctx context.Context) {
		c.set(ctx, c.a, 1, func(ctx context.Context) {
			c.wantUnset(ctx, c.b)
			c.set(ctx, c.b, 2, func(ctx context.Context) {
				c.want(ctx, c.a, 1)
				c.want(ctx, c.b, 2)
			})
		})
	},
	"zero, nil and typed nil are values": func(c *carried, ctx context.Context) {
		for _, value := range []any{0, "", false, nil, (*int)(nil), (*nilError)(nil), error(nil)} {
			c.set(ctx, c.a, value, func(ctx context.Context) { c.want(ctx, c.a, value) })
		}
	},
	"a goroutine has what its parent handed on": func(c *carried, ctx context.Context) {
		c.set(ctx, c.a, 1, func(ctx context.Context) {
			c.start(ctx, func(ctx context.Context) {
				c.want(ctx, c.a, 1)
				c.set(ctx, c.a, 2, func(ctx context.Context) { c.want(ctx, c.a, 2) })
			})
			c.want(ctx, c.a, 1)
		})
	},
	"any number of storages": func(c *carried, ctx context.Context) {
		var storages []*store.Storage[any]
		var nest func(ctx context.Context)
		nest = func(ctx context.Context) {
			if i := len(storages); i < 100 {
				storages = append(storages, store.New[any](fmt.Sprint(i), "default"))
				c.set(ctx, storages[i], i, nest)
				return
			}
			for i, s := range storages {
				c.want(ctx, s, i)
			}
		}
		nest(ctx)
	},
	"a request and what is set around and inside it": func(c *carried, ctx context.Context) {
		r := store.NewRequest("r")
		c.set(ctx, c.a, 1, func(ctx context.Context) {
			c.request(ctx, r, func(ctx context.Context) {
				c.wantCurrent(ctx, r)
				c.want(ctx, c.a, 1)
				c.set(ctx, c.b, 2, func(ctx context.Context) { c.wantCurrent(ctx, r) })
				c.start(ctx, func(ctx context.Context) { c.wantCurrent(ctx, r) })
			})
			c.wantCurrent(ctx, nil)
		})
	},
	"nested requests each are their own": func(c *carried, ctx context.Context) {
		outer, inner := store.NewRequest("outer"), store.NewRequest("inner")
		c.request(ctx, outer, func(ctx context.Context) {
			c.set(ctx, c.a, 1, func(ctx context.Context) {
				c.request(ctx, inner, func(ctx context.Context) {
					c.wantCurrent(ctx, inner)
					c.want(ctx, c.a, 1)
				})
				c.wantCurrent(ctx, outer)
			})
		})
	},
	"a request inside itself, and again": func(c *carried, ctx context.Context) {
		r := store.NewRequest("r")
		for i := range 2 {
			c.set(ctx, c.a, i, func(ctx context.Context) {
				c.request(ctx, r, func(ctx context.Context) {
					c.set(ctx, c.a, "inner", func(ctx context.Context) {
						c.request(ctx, r, func(ctx context.Context) { c.want(ctx, c.a, "inner") })
					})
					c.want(ctx, c.a, i)
					c.wantCurrent(ctx, r)
				})
			})
		}
	},
	"a snapshot is the whole context, and the caller's is back after it": func(c *carried, ctx context.Context) {
		var s store.Snapshot
		r := store.NewRequest("r")
		c.request(ctx, r, func(ctx context.Context) {
			c.set(ctx, c.a, 1, func(ctx context.Context) { s = c.capture(ctx) })
		})
		c.set(ctx, c.b, 2, func(ctx context.Context) {
			c.run(s, func(ctx context.Context) {
				c.want(ctx, c.a, 1)
				c.wantUnset(ctx, c.b)
				c.wantCurrent(ctx, r)
			})
			c.wantUnset(ctx, c.a)
			c.want(ctx, c.b, 2)
			c.wantCurrent(ctx, nil)
		})
	},
	"a snapshot of nothing": func(c *carried, ctx context.Context) {
		s := c.capture(ctx)
		c.set(ctx, c.a, 7, func(context.Context) {
			c.run(s, func(ctx context.Context) { c.wantUnset(ctx, c.a) })
		})
	},
	"a snapshot outlives its request, and is run by many at once": func(c *carried, ctx context.Context) {
		var s store.Snapshot
		r := store.NewRequest("r")
		r.SetLinger(0)
		c.request(ctx, r, func(ctx context.Context) {
			c.set(ctx, c.a, 1, func(ctx context.Context) { s = c.capture(ctx) })
		})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				c.run(s, func(ctx context.Context) {
					c.want(ctx, c.a, 1)
					c.wantCurrent(ctx, r)
				})
			})
		}
		wg.Wait()
	},
	"a panic leaves the context as it was": func(c *carried, ctx context.Context) {
		c.set(ctx, c.a, 1, func(ctx context.Context) {
			boom := errors.New("boom")
			got := panicOf(func() {
				c.set(ctx, c.a, 2, func(context.Context) { panic(boom) })
			})
			if err, ok := got.(error); !ok || !errors.Is(err, boom) {
				c.Errorf("panic %v, want the same error", got)
			}
			c.want(ctx, c.a, 1)
		})
	},
}

func TestBothMedia(t *testing.T) {
	t.Parallel()
	for _, way := range []medium{theGoroutine, aContext} {
		for name, test := range mediumTests {
			t.Run(way.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				if way.name == "ambient" {
					ambientOnly(t)
				}
				a, b := store.New[any]("a", "default"), store.New[any]("b", "default")
				test(&carried{medium: way, TB: t, a: a, b: b}, t.Context())
			})
		}
	}
}
