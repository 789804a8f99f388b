// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

func TestSnapshotRunReplacesTheWholeContext(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	early, late := store.New("early", 0), store.New("late", 0)
	var s store.Snapshot
	r := store.NewRequest("r")
	early.Run(1, func() { s = store.Capture() })
	r.Run(t.Context(), func(context.Context) {
		late.Run(2, func() {
			s.Run(func() {
				wantSet(t, early, 1)
				wantUnset(t, late, 0)
				wantCurrent(t, nil)
			})
			wantUnset(t, early, 0)
			wantSet(t, late, 2)
			wantCurrent(t, r)
		})
	})
}

func TestASnapshotHoldsEveryStorageTheRequestAndTheContext(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a, b := store.New("a", 0), store.New("b", "")
	type key struct{}
	r := store.NewRequest("r")
	var s store.Snapshot
	r.Run(context.WithValue(t.Context(), key{}, "value"), func(context.Context) {
		a.Run(1, func() { b.Run("two", func() { s = store.Capture() }) })
	})
	await(func() {
		wantUnset(t, a, 0)
		s.Run(func() {
			wantSet(t, a, 1)
			wantSet(t, b, "two")
			wantCurrent(t, r)
			if got := store.Context().Value(key{}); got != "value" {
				t.Errorf("Context().Value = %v, want value", got)
			}
		})
	})
}

func TestTheZeroSnapshotIsTheEmptyContext(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	var outside store.Snapshot
	await(func() { outside = store.Capture() })
	for _, empty := range []store.Snapshot{{}, outside} {
		s.Run(7, func() {
			empty.Run(func() {
				wantUnset(t, s, 0)
				if got := store.Context(); got != context.Background() {
					t.Errorf("Context() = %v, want context.Background()", got)
				}
				await(func() { wantUnset(t, s, 0) })
			})
			wantSet(t, s, 7)
		})
	}
}

func TestASnapshotWithinASnapshotGivesTheInnermost(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	var one, two store.Snapshot
	s.Run(1, func() { one = store.Capture() })
	s.Run(2, func() { two = store.Capture() })
	one.Run(func() {
		two.Run(func() { wantSet(t, s, 2) })
		wantSet(t, s, 1)
	})
}

func TestASnapshotHoldsReferencesNotCopies(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", map[string]int(nil))
	m := map[string]int{"n": 1}
	var snap store.Snapshot
	s.Run(m, func() { snap = store.Capture() })
	m["n"] = 2
	snap.Run(func() {
		if got := s.Get()["n"]; got != 2 {
			t.Errorf("the captured map has %d, want the 2 set since", got)
		}
	})
}

func TestASnapshotMayBeRunAnyNumberOfTimesConcurrently(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	var snap store.Snapshot
	s.Run(1, func() { snap = store.Capture() })
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 200 {
				snap.Run(func() {
					wantSet(t, s, 1)
					s.EnterWith(i)
					wantSet(t, s, i)
				})
				wantUnset(t, s, 0)
			}
		})
	}
	wg.Wait()
}

func TestFromContextHasWhatCtxCarriesAndSaysIfThatIsNothing(t *testing.T) {
	t.Parallel()
	s := store.New("s", 0)
	type key struct{}
	for name, ctx := range map[string]context.Context{
		"nil":                   nil,
		"context.Background":    context.Background(),
		"somebody else's value": context.WithValue(t.Context(), key{}, 1),
	} {
		if _, ok := store.FromContext(ctx); ok {
			t.Errorf("FromContext(%s) says it carries something", name)
		}
	}
	r := store.NewRequest("r")
	r.Run(s.With(t.Context(), 1), func(ctx context.Context) {
		for name, ctx := range map[string]context.Context{
			"Request.Run":          ctx,
			"a context derived":    context.WithValue(ctx, key{}, 1),
			"one without cancel":   store.Detach(ctx),
			"Storage.With over it": s.With(ctx, 1),
		} {
			snap, ok := store.FromContext(ctx)
			if !ok {
				t.Errorf("FromContext of %s says it carries nothing", name)
			}
			explicit := snap.Context(context.Background())
			wantFrom(explicit, t, s, 1, true)
			if got, _ := store.CurrentFrom(explicit); got != r {
				t.Errorf("CurrentFrom of %s = %q, want r", name, got.ID())
			}
		}
	})
}

func TestFromContextRunMakesWhatCtxCarriesTheWholeContext(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s, other := store.New("s", 0), store.New("other", 0)
	type key struct{}
	ctx := s.With(context.WithValue(t.Context(), key{}, "value"), 1)
	snap, _ := store.FromContext(ctx)
	other.Run(2, func() {
		snap.Run(func() {
			wantSet(t, s, 1)
			wantUnset(t, other, 0)
			if got := store.Context().Value(key{}); got != "value" {
				t.Errorf("Context().Value = %v, want value", got)
			}
		})
	})
}

func TestSnapshotContextHasTheParentsDeadlineAndCancellation(t *testing.T) {
	t.Parallel()
	s := store.New("s", 0)
	captured, cancelCaptured := context.WithCancelCause(s.With(context.Background(), 1))
	snap, _ := store.FromContext(captured)
	parent, cancel := context.WithCancelCause(t.Context())
	parent, stop := context.WithTimeout(parent, time.Hour)
	defer stop()
	ctx := snap.Context(parent)

	want, _ := parent.Deadline()
	if got, ok := ctx.Deadline(); !got.Equal(want) || !ok {
		t.Errorf("Deadline() = %v, %v; want the parent's %v", got, ok, want)
	}
	cancelCaptured(errors.New("captured"))
	child, stopChild := context.WithCancel(ctx)
	defer stopChild()
	if ctx.Err() != nil || child.Err() != nil || context.Cause(ctx) != nil {
		t.Errorf("the captured context's cancellation reached it: %v", context.Cause(ctx))
	}
	boom := errors.New("parent")
	cancel(boom)
	<-child.Done()
	for _, c := range []context.Context{ctx, child} {
		if !errors.Is(c.Err(), context.Canceled) || !errors.Is(context.Cause(c), boom) {
			t.Errorf("Err() = %v and Cause %v; want Canceled, and the parent's cause", c.Err(), context.Cause(c))
		}
	}
	wantFrom(ctx, t, s, 1, true)
}

func TestSnapshotContextAnswersWithTheSnapshotsValuesBeforeTheParents(t *testing.T) {
	t.Parallel()
	s, only := store.New("s", 0), store.New("only", 0)
	type key string
	snap, _ := store.FromContext(s.With(context.WithValue(t.Context(), key("both"), "snapshot"), 1))
	parent := only.With(s.With(t.Context(), 2), 3)
	parent = context.WithValue(parent, key("both"), "parent")
	parent = context.WithValue(parent, key("parent"), "parent")
	ctx := snap.Context(parent)
	wantFrom(ctx, t, s, 1, true)
	wantFrom(ctx, t, only, 0, false)
	for k, want := range map[key]any{"both": "snapshot", "parent": "parent", "none": nil} {
		if got := ctx.Value(k); got != want {
			t.Errorf("Value(%q) = %v, want %v", k, got, want)
		}
	}
}

func TestSnapshotContextOfNilAndOfTheEmptySnapshot(t *testing.T) {
	t.Parallel()
	s := store.New("s", 0)
	type key struct{}
	parent := s.With(context.WithValue(t.Context(), key{}, "value"), 1)
	ctx := store.Snapshot{}.Context(parent)
	wantFrom(ctx, t, s, 0, false)
	if got := ctx.Value(key{}); got != "value" {
		t.Errorf("Value = %v, want the parent's", got)
	}
	ctx = store.Snapshot{}.Context(nil)
	if ctx.Err() != nil || ctx.Done() != nil {
		t.Error("the context of no parent can be cancelled")
	}
}

func TestSnapshotContextOutlivesTheRequestItWasCapturedIn(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.SetLinger(0)
	var snap store.Snapshot
	requestCtx, cancel := context.WithCancel(t.Context())
	r.Run(requestCtx, func(context.Context) { s.Run(1, func() { snap = store.Capture() }) })
	cancel()
	ctx := snap.Context(t.Context())
	if ctx.Err() != nil {
		t.Errorf("Err() = %v, though only the request was cancelled", ctx.Err())
	}
	wantFrom(ctx, t, s, 1, true)
	store.RunContext(ctx, func(context.Context) {
		wantSet(t, s, 1)
		wantCurrent(t, r)
	})
}
