// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/store"
)

type large [20 << 20]byte

// wantGone runs cycles until w is collected. One is enough where nothing holds it,
// two where a finalizer does; the others are for what still runs.
func wantGone[T any](t *testing.T, what string, w weak.Pointer[T]) {
	t.Helper()
	for range 100 {
		if w.Value() == nil {
			return
		}
		runtime.GC()
		runtime.Gosched()
	}
	t.Errorf("%s is still held", what)
}

// wantHeld checks that cycles leave w.
func wantHeld[T any](t *testing.T, what string, w weak.Pointer[T]) {
	t.Helper()
	for range 3 {
		runtime.GC()
	}
	if w.Value() == nil {
		t.Errorf("%s has been collected", what)
	}
}

// lives starts a goroutine that inherits what is set, and lives until stop.
func lives(stop chan struct{}) { go func() { <-stop }() }

func TestADroppedStorageIsCollectable(t *testing.T) {
	t.Parallel()
	w := func() weak.Pointer[store.Storage[int]] {
		s := store.New("dropped", 0)
		s.Run(1, func() { s.Run(2, func() { await(func() { s.Get() }) }) })
		return weak.Make(s)
	}()
	wantGone(t, "the storage", w)
}

func TestAValueIsCollectableAfterItsRun(t *testing.T) {
	t.Parallel()
	s := store.New[*large]("s", nil)
	w := func() weak.Pointer[large] {
		v := new(large)
		s.Run(v, func() { await(nothing) })
		return weak.Make(v)
	}()
	wantGone(t, "the value", w)
}

// Whatever a later table no longer shows, a holder of that table does not hold, however
// many other storages are set before, between and after.
func TestShadowedAndUnsetValuesAreCollectable(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for _, others := range []int{0, 1, 2, 5, 6, 7, 20} {
		for _, way := range []string{"shadowed", "exited", "disabled", "entered over"} {
			for _, in := range []string{"alone", "in a request"} {
				t.Run(fmt.Sprint(way, " ", in, " between ", others), func(t *testing.T) {
					t.Parallel()
					stop := make(chan struct{})
					defer close(stop)
					var w weak.Pointer[large]
					leave := func() { w = shadow(others, way, stop) }
					if in == "alone" {
						await(leave)
					} else {
						store.NewRequest("r").Run(t.Context(), func(context.Context) { await(leave) })
					}
					wantGone(t, "the value", w)
				})
			}
		}
	}
}

func shadow(others int, way string, stop chan struct{}) (w weak.Pointer[large]) {
	s := store.New[*large]("s", nil)
	v := new(large)
	w = weak.Make(v)
	nest(others/2, func([]*store.Storage[int]) {
		s.Run(v, func() {
			nest(others-others/2, func(all []*store.Storage[int]) {
				inner := func() {
					if len(all) > 0 {
						all[0].Run(-1, func() { lives(stop) })
					}
					lives(stop)
				}
				switch way {
				case "shadowed":
					s.Run(nil, inner)
				case "exited":
					s.Exit(inner)
				case "disabled":
					s.Disable()
					inner()
				default:
					s.EnterWith(nil)
					inner()
				}
			})
		})
	})
	return w
}

func TestDeepNestingHoldsTheInnermostValueAlone(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	stop := make(chan struct{})
	defer close(stop)
	s := store.New[*[64]byte]("s", nil)
	var all []weak.Pointer[[64]byte]
	await(func() {
		var down func(depth int)
		down = func(depth int) {
			if depth == 0 {
				lives(stop)
				return
			}
			v := new([64]byte)
			all = append(all, weak.Make(v))
			s.Run(v, func() { down(depth - 1) })
		}
		down(1000)
	})
	for i, w := range all[:999] {
		wantGone(t, fmt.Sprint("the value at depth ", i+1), w)
	}
	wantHeld(t, "the innermost value", all[999])
}

func TestSnapshotsKeepWhatTheyHoldUntilTheyAreDropped(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New[*large]("s", nil)
	for name, capture := range map[string]func() any{
		"a Snapshot":     func() any { return store.Capture() },
		"a bound func":   func() any { return store.Bind(nothing) },
		"a Resource":     func() any { return store.NewResource("r") },
		"a ctx":          func() any { return store.Context() },
		"a detached ctx": func() any { return store.Detach(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w weak.Pointer[large]
			var kept any
			r := store.NewRequest("r")
			r.SetLinger(0)
			r.Run(t.Context(), func(context.Context) {
				v := new(large)
				w = weak.Make(v)
				s.Run(v, func() { kept = capture() })
			})
			wantHeld(t, "the value", w)
			runtime.KeepAlive(kept)
			kept = nil
			wantGone(t, "the value", w)
		})
	}
}

// holders are the ways in which a request comes to hold a value.
var holders = map[string]func(ctx context.Context, r *store.Request, s *store.Storage[*large], v *large, f func()){
	"in the ctx that it is run with": func(ctx context.Context, r *store.Request, s *store.Storage[*large], v *large, f func()) {
		r.Run(s.With(ctx, v), func(context.Context) { f() })
	},
	"entered in the request": func(ctx context.Context, r *store.Request, s *store.Storage[*large], v *large, f func()) {
		r.Run(ctx, func(context.Context) { s.EnterWith(v); f() })
	},
	"by a Run nested in the request": func(ctx context.Context, r *store.Request, s *store.Storage[*large], v *large, f func()) {
		r.Run(ctx, func(context.Context) { s.Run(v, f) })
	},
	"by a RunContext nested in the request": func(ctx context.Context, r *store.Request, s *store.Storage[*large], v *large, f func()) {
		r.Run(ctx, func(ctx context.Context) {
			store.RunContext(s.With(ctx, v), func(context.Context) { f() })
		})
	},
	"by a Run in bound work": func(ctx context.Context, r *store.Request, s *store.Storage[*large], v *large, f func()) {
		r.Run(ctx, func(context.Context) {
			done := make(chan struct{})
			store.Go(func() { defer close(done); s.Run(v, f) })
			<-done
		})
	},
	"by a Run around the request": func(ctx context.Context, r *store.Request, s *store.Storage[*large], v *large, f func()) {
		s.Run(v, func() { r.Run(ctx, func(context.Context) { f() }) })
	},
}

func TestTwentyMiBHeldByARequestAreCollectableAfterTheLingerThoughAnInheritorLives(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for name, hold := range holders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				stop := make(chan struct{})
				w := func() weak.Pointer[large] {
					v := new(large)
					hold(t.Context(), store.NewRequest(""), store.New[*large]("s", nil), v, func() { lives(stop) })
					return weak.Make(v)
				}()
				time.Sleep(4*time.Minute + 59*time.Second)
				wantHeld(t, "before the linger is over, the value", w)
				time.Sleep(time.Minute) // requests that end together are released together, a little late
				synctest.Wait()
				wantGone(t, "after the linger, the value", w)
				close(stop)
			})
		})
	}
}

func TestTwentyMiBHeldByARequestAreCollectableAtOnceIfNothingLivesOn(t *testing.T) {
	t.Parallel()
	for name, hold := range holders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w weak.Pointer[large]
			await(func() {
				v := new(large)
				w = weak.Make(v)
				hold(t.Context(), store.NewRequest(""), store.New[*large]("s", nil), v, nothing)
			})
			wantGone(t, "the value", w)
		})
	}
}
