// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"runtime/pprof"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/store"
)

// pprof.Do puts back, after its function, the labels of the ctx that it was given,
// whatever the goroutine had before. These tests are about a ctx that is older than
// what the goroutine runs with, or a stranger's.

// wantSetOrUnset checks that s reads as want, or as not set: a foreign label set
// may hide what the goroutine runs with. Anything else is another's value.
func wantSetOrUnset[T comparable](t testing.TB, s *store.Storage[T], want T) {
	t.Helper()
	if got, ok := s.GetStore(); ok && got != want {
		t.Errorf("GetStore of %q = %v; want %v, or unset", s.Name(), got, want)
	}
}

func wantCurrentOrNone(t testing.TB, want *store.Request) {
	t.Helper()
	if got, ok := store.Current(); ok && got != want {
		t.Errorf("Current() = %q; want %q, or no request", got.ID(), want.ID())
	}
}

// overs are the ways to set tenant to globex over what is set already.
var overs = map[string]func(ctx context.Context, tenant *store.Storage[string], f func()){
	"a Run": func(_ context.Context, tenant *store.Storage[string], f func()) { tenant.Run("globex", f) },
	"a Call": func(_ context.Context, tenant *store.Storage[string], f func()) {
		store.Call(tenant, "globex", func() int { f(); return 0 })
	},
	"a RunContext": func(ctx context.Context, tenant *store.Storage[string], f func()) {
		store.RunContext(tenant.With(ctx, "globex"), func(context.Context) { f() })
	},
	"a Run in a Run": func(_ context.Context, tenant *store.Storage[string], f func()) {
		tenant.Run("initech", func() { tenant.Run("globex", f) })
	},
	"a Snapshot": func(_ context.Context, tenant *store.Storage[string], f func()) {
		tenant.Run("globex", func() { store.Capture().Run(f) })
	},
	"bound work": func(_ context.Context, tenant *store.Storage[string], f func()) {
		tenant.Run("globex", func() { store.Bind(f)() })
	},
	"another Request": func(_ context.Context, tenant *store.Storage[string], f func()) {
		inner := store.NewRequest("inner")
		inner.Run(tenant.With(context.Background(), "globex"), func(context.Context) { f() })
	},
}

// arounds open what the tests here happen in.
var arounds = map[string]func(f func(ctx context.Context)){
	"in a request": func(f func(ctx context.Context)) { store.NewRequest("r").Run(context.Background(), f) },
	"outside":      func(f func(ctx context.Context)) { f(context.Background()) },
	"in bound work": func(f func(ctx context.Context)) {
		store.NewRequest("r").Run(context.Background(), func(ctx context.Context) { store.Bind(func() { f(ctx) })() })
	},
}

func TestPprofDoInARunInAPprofDoNeverShowsTheOlderValue(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for name, over := range overs {
		for place, around := range arounds {
			t.Run(name+" "+place, func(t *testing.T) {
				t.Parallel()
				tenant := store.New("tenant", "nobody")
				around(func(ctx context.Context) {
					tenant.Run("acme", func() { doOverDo(ctx, t, tenant, over) })
				})
				wantUnset(t, tenant, "nobody")
			})
		}
	}
}

func doOverDo(ctx context.Context, t *testing.T, tenant *store.Storage[string], over func(context.Context, *store.Storage[string], func())) {
	pprof.Do(store.Context(), pprof.Labels("z", "1"), func(outer context.Context) {
		wantSet(t, tenant, "acme")
		over(ctx, tenant, func() {
			wantSet(t, tenant, "globex")
			pprof.Do(outer, pprof.Labels("y", "2"), func(context.Context) {
				wantSet(t, tenant, "globex")
				await(func() { wantSet(t, tenant, "globex") })
				tenant.Run("inner", func() {
					wantSet(t, tenant, "inner")
					pprof.Do(outer, pprof.Labels("x", "3"), func(context.Context) { wantSet(t, tenant, "inner") })
					wantSet(t, tenant, "inner")
				})
				tenant.Exit(func() { pprof.SetGoroutineLabels(outer); wantUnset(t, tenant, "nobody") })
				store.Exit(func() { pprof.SetGoroutineLabels(outer); wantUnset(t, tenant, "nobody") })
				wantSet(t, tenant, "globex")
			})
			wantSet(t, tenant, "globex")
			await(func() { wantSet(t, tenant, "globex") })
			pprof.SetGoroutineLabels(outer)
			wantSet(t, tenant, "globex")
		})
		wantSet(t, tenant, "acme")
	})
	wantSet(t, tenant, "acme")
}

// A library that keeps a ctx, as a tracer does, hands it to pprof.Do wherever it is
// called.
func TestPprofDoWithAnotherRequestsContextLeavesNothingOfItBehind(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", "unset")
	stranger := store.NewRequest("stranger")
	var ctxs map[string]context.Context
	stranger.Run(t.Context(), func(ctx context.Context) {
		s.Run("stranger", func() {
			ctxs = map[string]context.Context{
				"the request's":      ctx,
				"store.Context()":    store.Context(),
				"one derived":        context.WithValue(store.Context(), ctxKey("k"), 1),
				"Detach's":           store.Detach(nil),
				"Snapshot.Context's": store.Capture().Context(t.Context()),
				"Storage.With's":     s.With(ctx, "stranger"),
			}
		})
	})
	for name, foreign := range ctxs {
		t.Run("on a goroutine of another request, "+name, func(t *testing.T) {
			t.Parallel()
			own := store.NewRequest("own")
			own.Run(s.With(t.Context(), "own"), func(context.Context) {
				pprof.Do(foreign, pprof.Labels("z", "1"), func(context.Context) {})
				wantCurrentOrNone(t, own)
				wantSetOrUnset(t, s, "own")
				await(func() { wantCurrentOrNone(t, own) })
				s.Run("inner", func() { wantCurrentOrNone(t, own) })
			})
			wantCurrent(t, nil)
		})
		t.Run("on a pool's worker, "+name, func(t *testing.T) {
			t.Parallel()
			p := newPool()
			defer p.close()
			p.jobs <- func() { pprof.Do(foreign, pprof.Labels("z", "1"), func(context.Context) {}) }
			p.jobs <- func() {
				wantCurrent(t, nil)
				wantUnset(t, s, "unset")
				if got := store.Context(); got != context.Background() {
					t.Errorf("the worker has the context %v", got)
				}
				await(func() { wantCurrent(t, nil) })
			}
		})
	}
}

func TestAContextThatPprofDoBroughtExpiresWithItsRequest(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for name, carried := range map[string]func(ctx context.Context) context.Context{
		"the request's":   func(ctx context.Context) context.Context { return ctx },
		"store.Context()": func(context.Context) context.Context { return store.Context() },
		"Detach's":        func(context.Context) context.Context { return store.Detach(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := store.New("s", 0)
				stop, done := make(chan struct{}), make(chan struct{})
				ctxs := make(chan context.Context)
				go func() {
					defer close(done)
					pprof.Do(<-ctxs, pprof.Labels("z", "1"), func(context.Context) {
						<-stop
						wantCurrent(t, nil)
						wantUnset(t, s, 0)
					})
					wantCurrent(t, nil)
				}()
				store.NewRequest("r").Run(t.Context(), func(ctx context.Context) {
					s.Run(1, func() { ctxs <- carried(ctx) })
				})
				time.Sleep(6 * time.Minute)
				close(stop)
				<-done
			})
		})
	}
}

// A goroutine that pprof.SetGoroutineLabels gave a request's labels has merely
// inherited it: the ctx itself is gone.
func TestWhatAContextBroughtByItsLabelsIsCollectableAfterTheLinger(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for name, carried := range map[string]func(ctx context.Context) context.Context{
		"the request's":   func(ctx context.Context) context.Context { return ctx },
		"store.Context()": func(context.Context) context.Context { return store.Context() },
		"Detach's":        func(context.Context) context.Context { return store.Detach(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := store.New[*large]("s", nil)
				stop := make(chan struct{})
				w := func() weak.Pointer[large] {
					v := new(large)
					store.NewRequest("r").Run(t.Context(), func(ctx context.Context) {
						s.Run(v, func() {
							ctx := carried(ctx)
							store.Exit(func() {
								go func() { pprof.SetGoroutineLabels(ctx); ctx = nil; <-stop }()
							})
						})
					})
					return weak.Make(v)
				}()
				synctest.Wait()
				time.Sleep(6 * time.Minute)
				synctest.Wait()
				wantGone(t, "the value", w)
				close(stop)
			})
		})
	}
}
