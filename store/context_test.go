// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

type ctxKey string

func TestWithLeavesTheAmbientContextUntouched(t *testing.T) {
	t.Parallel()
	s := store.New("s", 0)
	ctx := s.With(t.Context(), 1)
	wantUnset(t, s, 0)
	wantFrom(ctx, t, s, 1, true)
	inner := s.With(ctx, 2)
	wantFrom(inner, t, s, 2, true)
	wantFrom(ctx, t, s, 1, true)
	wantFrom(context.WithValue(inner, ctxKey("k"), 1), t, s, 2, true)
	wantFrom(s.With(nil, 3), t, s, 3, true)
}

func TestWithOfManyStoragesCarriesThemAll(t *testing.T) {
	t.Parallel()
	var storages []*store.Storage[int]
	ctx := t.Context()
	for i := range 40 {
		storages = append(storages, store.New("s", -1))
		ctx = storages[i].With(context.WithValue(ctx, ctxKey("k"), i), i)
	}
	for i, s := range storages {
		wantFrom(ctx, t, s, i, true)
	}
	if got := ctx.Value(ctxKey("k")); got != 39 {
		t.Errorf("Value = %v, want 39", got)
	}
}

func TestExplicitBeatsAmbient(t *testing.T) {
	t.Parallel()
	s, other := store.New("s", 0), store.New("other", 0)
	mine, theirs := store.NewRequest("mine"), store.NewRequest("theirs")
	inRequest := func(r *store.Request, ctx context.Context) (inner context.Context) {
		r.Run(ctx, func(ctx context.Context) { inner = ctx })
		return inner
	}
	tests := []struct {
		name    string
		ctx     context.Context // explicit
		ambient context.Context
		want    int
		ok      bool
		request *store.Request // of CurrentFrom

		explicit bool // ctx alone decides
	}{
		{"neither carries a thing", t.Context(), t.Context(), 0, false, nil, true},
		{"only ctx has a value", s.With(t.Context(), 1), t.Context(), 1, true, nil, true},
		{"only the goroutine has a value", t.Context(), s.With(t.Context(), 2), 2, true, nil, false},
		{"ctx is nil", nil, s.With(t.Context(), 2), 2, true, nil, false},
		{"both have one", s.With(t.Context(), 1), s.With(t.Context(), 2), 1, true, nil, true},
		{"ctx has another storage's", other.With(t.Context(), 1), s.With(t.Context(), 2), 2, true, nil, false},
		{"ctx has a request, the goroutine a value", inRequest(mine, t.Context()), s.With(t.Context(), 2), 2, true, mine, false},
		{"ctx has a value, the goroutine a request", s.With(t.Context(), 1), inRequest(theirs, t.Context()), 1, true, theirs, false},
		{"the goroutine's request has the value", t.Context(), inRequest(theirs, s.With(t.Context(), 2)), 2, true, theirs, false},
		{"ctx has a value of its own beside the goroutine's request",
			other.With(t.Context(), 1), inRequest(theirs, s.With(t.Context(), 2)), 2, true, theirs, false},
		{"both are of one request", inRequest(mine, t.Context()), inRequest(mine, s.With(t.Context(), 2)), 2, true, mine, false},
		{"the two are of different requests",
			inRequest(mine, t.Context()), inRequest(theirs, s.With(t.Context(), 2)), 0, false, mine, true},
		{"the two are of different requests, and both have one",
			inRequest(mine, s.With(t.Context(), 1)), inRequest(theirs, s.With(t.Context(), 2)), 1, true, mine, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store.RunContext(tt.ambient, func(context.Context) {
				if !tt.explicit {
					ambientOnly(t)
				}
				wantFrom(tt.ctx, t, s, tt.want, tt.ok)
				if got, ok := store.CurrentFrom(tt.ctx); got != tt.request || ok != (tt.request != nil) {
					t.Errorf("CurrentFrom = %q, %v; want %q", got.ID(), ok, tt.request.ID())
				}
			})
		})
	}
}

func TestAContextWithoutTheAmbientHalfIsFoundThroughCtx(t *testing.T) {
	t.Parallel()
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.Run(s.With(t.Context(), 1), func(ctx context.Context) {
		wantFrom(ctx, t, s, 1, true)
		wantFrom(s.With(ctx, 2), t, s, 2, true)
		if got, ok := store.CurrentFrom(ctx); got != r || !ok {
			t.Errorf("CurrentFrom = %q, %v; want r", got.ID(), ok)
		}
		store.RunContext(s.With(ctx, 3), func(ctx context.Context) {
			wantFrom(ctx, t, s, 3, true)
			if got, ok := store.CurrentFrom(ctx); got != r || !ok {
				t.Errorf("CurrentFrom = %q, %v; want r", got.ID(), ok)
			}
		})
	})
}

func TestRunContextMakesWhatCtxCarriesAmbient(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a, b, c := store.New("a", 0), store.New("b", 0), store.New("c", 0)
	ctx := b.With(a.With(t.Context(), 1), 2)
	a.Run(10, func() {
		c.Run(30, func() {
			store.RunContext(ctx, func(got context.Context) {
				wantFrom(got, t, a, 1, true)
				wantFrom(got, t, c, 30, true) // what is ambient too
				wantSet(t, a, 1)
				wantSet(t, b, 2)
				wantSet(t, c, 30)
				await(func() { wantSet(t, a, 1) })
			})
			wantSet(t, a, 10)
			wantUnset(t, b, 0)
		})
	})
}

func TestRunContextOfAContextThatCarriesNothingKeepsWhatIsSet(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.Run(t.Context(), func(context.Context) {
		s.Run(1, func() {
			for _, ctx := range []context.Context{nil, context.Background(), t.Context()} {
				store.RunContext(ctx, func(got context.Context) {
					if got == nil {
						t.Error("the function was given a nil context")
					}
					wantSet(t, s, 1)
					wantCurrent(t, r)
				})
			}
		})
	})
}

func TestDifferentRequestsNeverMix(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a, b := store.New("a", 0), store.New("b", 0)
	mine, theirs := store.NewRequest("mine"), store.NewRequest("theirs")
	mine.Run(a.With(t.Context(), 1), func(ctx context.Context) {
		await(func() {
			theirs.Run(b.With(context.Background(), 2), func(context.Context) {
				wantUnsetOther := func() { wantUnset(t, b, 0) }
				store.RunContext(ctx, func(context.Context) {
					wantCurrent(t, mine)
					wantSet(t, a, 1)
					wantUnsetOther()
				})
				wantCurrent(t, theirs)
				wantSet(t, b, 2)
			})
		})
	})
}

func TestContextIsTheAmbientOneAndNeverNil(t *testing.T) {
	t.Parallel()
	if store.Context() != context.Background() {
		t.Errorf("Context() = %v outside of everything, want context.Background()", store.Context())
	}
	ambientOnly(t)
	boom := errors.New("boom")
	ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), ctxKey("k"), "v"))
	ctx, stop := context.WithTimeout(ctx, time.Hour)
	defer stop()
	store.RunContext(ctx, func(context.Context) {
		ambient := store.Context()
		want, _ := ctx.Deadline()
		if got, ok := ambient.Deadline(); !got.Equal(want) || !ok {
			t.Errorf("Deadline() = %v, %v; want %v", got, ok, want)
		}
		if got := ambient.Value(ctxKey("k")); got != "v" {
			t.Errorf("Value = %v, want v", got)
		}
		cancel(boom)
		<-ambient.Done()
		if got := context.Cause(ambient); !errors.Is(got, boom) {
			t.Errorf("Cause = %v, want boom", got)
		}
	})
}

func TestContextCarriesWhatIsSetNow(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s, other := store.New("s", 0), store.New("other", 0)
	r := store.NewRequest("r")
	carried := func(ctx context.Context) (got int, ok bool) {
		store.Exit(func() { got, ok = s.From(ctx) })
		return got, ok
	}
	want := func(v int, ok bool) {
		t.Helper()
		if gotV, gotOK := carried(store.Context()); gotV != v || gotOK != ok {
			t.Errorf("Context() carries %v, %v; want %v, %v", gotV, gotOK, v, ok)
		}
	}
	want(0, false)
	s.Run(1, func() { want(1, true) })
	r.Run(s.With(t.Context(), 2), func(ctx context.Context) {
		if store.Context() != ctx {
			t.Error("Context() in a Request's Run is not the context that Run gave")
		}
		want(2, true)
		s.Run(3, func() {
			want(3, true)
			other.Run(1, func() { want(3, true) })
			s.Exit(func() { want(0, false) })
			s.EnterWith(4)
			want(4, true)
			kept := store.Context()
			s.Disable()
			want(0, false)
			if v, ok := carried(kept); v != 4 || !ok {
				t.Errorf("a context taken earlier carries %v, %v; want the 4 of then", v, ok)
			}
			if got, _ := store.CurrentFrom(kept); got != r {
				t.Errorf("CurrentFrom = %q, want r", got.ID())
			}
		})
		want(2, true)
	})
}

// A context of another type is watched by a goroutine of its own where the context
// package does not see through it.
func TestDerivingFromOurContextsStartsNoGoroutine(t *testing.T) {
	s := store.New("s", 0)
	parent, cancel := context.WithCancel(t.Context())
	defer cancel()
	snapshot, _ := store.FromContext(s.With(parent, 1))
	store.NewRequest("r").Run(parent, func(ctx context.Context) {
		for name, ctx := range map[string]context.Context{
			"Request.Run": ctx, "With": s.With(ctx, 1), "Snapshot.Context": snapshot.Context(parent),
			"Detach": store.Detach(ctx),
		} {
			before := runtime.NumGoroutine()
			_, stop := context.WithCancel(ctx)
			if got := runtime.NumGoroutine(); got > before {
				t.Errorf("%s: context.WithCancel went from %d goroutines to %d", name, before, got)
			}
			stop()
		}
	})
}

func TestDetachKeepsTheValuesAndDropsDeadlineAndCancellation(t *testing.T) {
	t.Parallel()
	s := store.New("s", 0)
	r := store.NewRequest("r")
	parent, cancel := context.WithTimeout(context.WithValue(t.Context(), ctxKey("k"), "v"), time.Hour)
	var detached context.Context
	r.Run(s.With(parent, 1), func(ctx context.Context) { detached = store.Detach(ctx) })
	cancel()
	if _, ok := detached.Deadline(); ok || detached.Err() != nil || detached.Done() != nil {
		t.Error("the detached context has a deadline or can be cancelled")
	}
	if got := detached.Value(ctxKey("k")); got != "v" {
		t.Errorf("Value = %v, want v", got)
	}
	wantFrom(detached, t, s, 1, true)
	if got, _ := store.CurrentFrom(detached); got != r {
		t.Errorf("CurrentFrom = %q, want r", got.ID())
	}
}

func TestDetachOfNilIsTheAmbientContextDetached(t *testing.T) {
	t.Parallel()
	if got := store.Detach(nil); got == nil || got.Done() != nil {
		t.Errorf("Detach(nil) = %v outside of everything", got)
	}
	ambientOnly(t)
	s := store.New("s", 0)
	ctx, cancel := context.WithCancel(t.Context())
	store.RunContext(ctx, func(context.Context) {
		s.Run(1, func() {
			detached := store.Detach(nil)
			cancel()
			if detached.Err() != nil {
				t.Errorf("Err() = %v after the ambient context's cancellation", detached.Err())
			}
			store.Exit(func() { wantFrom(detached, t, s, 1, true) })
		})
	})
}
