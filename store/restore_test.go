// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// scopes is every function that runs another one in a context of its own.
func scopes(ctx context.Context, s *store.Storage[int]) map[string]func(f func()) {
	return map[string]func(func()){
		"Storage.Run":     func(f func()) { s.Run(1, f) },
		"Call":            func(f func()) { store.Call(s, 1, func() int { f(); return 0 }) },
		"Storage.Exit":    s.Exit,
		"Exit":            store.Exit,
		"Snapshot.Run":    store.Capture().Run,
		"Bind":            func(f func()) { store.Bind(f)() },
		"BindFunc":        func(f func()) { store.BindFunc(func(int) { f() })(0) },
		"BindFunc, error": func(f func()) { _ = store.BindFunc(func() error { f(); return nil })() },
		"Resource.Run":    store.NewResource("r").Run,
		"Resource.Bind":   func(f func()) { store.NewResource("r").Bind(f)() },
		"RunContext":      func(f func()) { store.RunContext(ctx, func(context.Context) { f() }) },
		"Request.Run":     func(f func()) { store.NewRequest("inner").Run(ctx, func(context.Context) { f() }) },
	}
}

// eachScope runs test for each of scopes, in a context where s is 7 and other is
// 8, and checks that it is back afterwards, whatever test did.
func eachScope(t *testing.T, test func(t *testing.T, run func(func()), s, other *store.Storage[int])) {
	s, other := store.New("s", 0), store.New("other", 0)
	for name, run := range scopes(s.With(context.Background(), 5), s) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := store.NewRequest("outer")
			r.Run(context.Background(), func(context.Context) {
				s.Run(7, func() {
					other.Run(8, func() {
						test(t, run, s, other)
						if !store.Ambient() {
							return
						}
						wantSet(t, s, 7)
						wantSet(t, other, 8)
						wantCurrent(t, r)
					})
				})
			})
		})
	}
}

func TestEveryScopeGivesTheContextBackOnReturn(t *testing.T) {
	t.Parallel()
	eachScope(t, func(t *testing.T, run func(func()), _, _ *store.Storage[int]) {
		called := false
		run(func() { called = true })
		if !called {
			t.Error("the function was not called")
		}
	})
}

func TestEveryScopeGivesTheContextBackOnPanicAndPassesTheSameValueOn(t *testing.T) {
	t.Parallel()
	eachScope(t, func(t *testing.T, run func(func()), _, _ *store.Storage[int]) {
		boom := new(int)
		if got := panicOf(func() { run(func() { panic(boom) }) }); got != boom {
			t.Errorf("panic %v, want the same pointer", got)
		}
	})
}

func TestEveryScopeGivesTheContextBackOnGoexit(t *testing.T) {
	t.Parallel()
	eachScope(t, func(t *testing.T, run func(func()), s, other *store.Storage[int]) {
		await(func() {
			ended := false
			defer func() {
				if !ended {
					t.Error("the deferred functions inside did not run")
				}
				if store.Ambient() {
					wantSet(t, s, 7)
					wantSet(t, other, 8)
				}
			}()
			run(func() {
				defer func() { ended = true }()
				runtime.Goexit()
			})
			t.Error("Goexit did not end the goroutine")
		})
	})
}

// Node restores only the key of the run's own storage, so there this leaks.
func TestEveryScopeRestoresTheWholeContextSoNothingEnteredInsideLeaksOut(t *testing.T) {
	t.Parallel()
	third := store.New("third", 0)
	eachScope(t, func(t *testing.T, run func(func()), s, other *store.Storage[int]) {
		run(func() {
			s.EnterWith(100)
			third.EnterWith(101)
			other.Disable()
			if store.Ambient() {
				wantSet(t, s, 100)
				wantSet(t, third, 101)
				wantUnset(t, other, 0)
			}
		})
		wantUnset(t, third, 0)
	})
}

func TestAPanicIsRecoveredInsideWithTheContextInPlace(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	s.Run(1, func() {
		defer func() {
			if v := recover(); v != "boom" {
				t.Errorf("recovered %v, want boom", v)
			}
			wantSet(t, s, 1)
		}()
		panic("boom")
	})
}

func TestAPanicWithNilComesOutAsGoMakesIt(t *testing.T) {
	t.Parallel()
	var want *runtime.PanicNilError
	got := panicOf(func() { store.New("s", 0).Run(1, func() { panic(nil) }) }) //nolint:govet // the case is panic(nil)
	if err, ok := got.(error); !ok || !errors.As(err, &want) {
		t.Errorf("panic %v, want a *runtime.PanicNilError", got)
	}
}
