// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

func TestNestedRunGivesTheInnerValueInsideAndTheOuterOneAfter(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", "default")
	s.Run("outer", func() {
		s.Run("inner", func() { wantSet(t, s, "inner") })
		wantSet(t, s, "outer")
	})
	wantUnset(t, s, "default")
}

func TestRunCallsItsFunctionOnceAlsoWithoutTheAmbientHalf(t *testing.T) {
	t.Parallel()
	s := store.New("s", 0)
	calls := 0
	count := func() { calls++ }
	s.Run(1, count)
	s.Exit(count)
	store.Exit(count)
	store.Capture().Run(count)
	store.Bind(count)()
	store.RunContext(t.Context(), func(context.Context) { calls++ })
	store.NewResource("r").Run(count)
	if got := store.Call(s, 1, func() int { calls++; return 42 }); got != 42 {
		t.Errorf("Call = %d, want 42", got)
	}
	s.EnterWith(1)()
	s.Disable()
	if calls != 8 {
		t.Errorf("%d calls, want 8", calls)
	}
	wantUnset(t, s, 0)
}

func TestCallReturnsWhatItsFunctionReturns(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 1)
	got := store.Call(s, 20, func() string { return fmt.Sprint(s.Get() + 1) })
	if got != "21" {
		t.Errorf("Call = %q, want 21", got)
	}
	wantUnset(t, s, 1)
}

func TestTheZeroValueNilAndTypedNilAreValues(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	isValue(t, "an int of 0", 7, 0)
	isValue(t, "an empty string", "default", "")
	isValue(t, "false", true, false)
	isValue(t, "a nil pointer", new(int), nil)
	isValue(t, "a nil error", errors.New("default"), nil)
	isValue[error](t, "a typed nil in an interface", errors.New("default"), (*nilError)(nil))
	isValue[any](t, "nil in an any", "default", nil)
	isValue[any](t, "a typed nil in an any", "default", (*int)(nil))
	isValue(t, "a struct of no size", struct{}{}, struct{}{})
}

type nilError struct{}

func (*nilError) Error() string { return "typed nil" }

func isValue[T comparable](t *testing.T, name string, def, value T) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		s := store.New(name, def)
		s.Run(value, func() {
			wantSet(t, s, value)
			s.EnterWith(value)
			wantSet(t, s, value)
		})
		wantFrom(s.With(t.Context(), value), t, s, value, true)
	})
}

func TestATypedNilIsValueOfAnExplicitContextToo(t *testing.T) {
	t.Parallel()
	s := store.New[error]("s", errors.New("default"))
	wantFrom[error](s.With(t.Context(), (*nilError)(nil)), t, s, (*nilError)(nil), true)
	wantFrom[error](s.With(t.Context(), nil), t, s, nil, true)
}

func TestExitDisableAndNeverSetGiveTheDefaultAndFalse(t *testing.T) {
	t.Parallel()
	never := store.New("never", "default")
	wantUnset(t, never, "default")
	wantFrom(t.Context(), t, never, "default", false)

	ambientOnly(t)
	s, other := store.New("s", "default"), store.New("other", 0)
	other.Run(1, func() {
		s.Run("set", func() {
			s.Exit(func() {
				wantUnset(t, s, "default")
				wantSet(t, other, 1)
				await(func() { wantUnset(t, s, "default") })
				s.Run("again", func() { wantSet(t, s, "again") })
				wantUnset(t, s, "default")
			})
			wantSet(t, s, "set")
			s.Disable()
			wantUnset(t, s, "default")
			wantSet(t, other, 1)
		})
	})
}

func TestExitOfAStorageThatIsNotSetIsJustACall(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s, other := store.New("s", 0), store.New("other", 0)
	other.Run(1, func() {
		s.Exit(func() {
			wantUnset(t, s, 0)
			wantSet(t, other, 1)
			s.EnterWith(3)
		})
		wantUnset(t, s, 0)
	})
}

func TestPackageExitRunsOutsideEveryContext(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.Run(t.Context(), func(context.Context) {
		s.Run(1, func() {
			store.Exit(func() {
				wantUnset(t, s, 0)
				wantCurrent(t, nil)
				if got := store.Context(); got != context.Background() {
					t.Errorf("Context() = %v, want context.Background()", got)
				}
				await(func() { wantUnset(t, s, 0) })
			})
			wantSet(t, s, 1)
			wantCurrent(t, r)
		})
	})
}

func TestAZeroStorageWorksAndIsLikeNoOther(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	var a, b store.Storage[int]
	if a.Name() != "" {
		t.Errorf("Name() = %q, want none", a.Name())
	}
	wantUnset(t, &a, 0)
	a.Run(1, func() {
		wantUnset(t, &b, 0)
		b.Run(2, func() {
			a.Run(3, func() {
				wantSet(t, &a, 3)
				wantSet(t, &b, 2)
				a.Exit(func() { wantUnset(t, &a, 0); wantSet(t, &b, 2) })
				leave := a.EnterWith(4)
				wantSet(t, &a, 4)
				leave()
			})
			wantSet(t, &a, 1)
		})
	})
}

func TestTwoStoragesOfOneNameAreTwo(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a, b := store.New("same", 0), store.New("same", 0)
	a.Run(1, func() {
		wantUnset(t, b, 0)
		b.Run(2, func() { wantSet(t, a, 1); wantSet(t, b, 2) })
	})
	if a.Name() != "same" {
		t.Errorf("Name() = %q, want same", a.Name())
	}
}

func TestAnyNumberOfStoragesAreSetAtOnce(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	storages := make([]*store.Storage[int], 500)
	for i := range storages {
		storages[i] = store.New(fmt.Sprint(i), -1)
	}
	var set func(n int)
	set = func(n int) {
		if n < len(storages) {
			storages[n].Run(n, func() { set(n + 1) })
			wantUnset(t, storages[n], -1)
			return
		}
		for i, s := range storages {
			wantSet(t, s, i)
		}
		for i := 0; i < len(storages); i += 2 {
			storages[i].Disable()
		}
		for i, s := range storages {
			if i%2 == 0 {
				wantUnset(t, s, -1)
			} else {
				wantSet(t, s, i)
			}
		}
	}
	set(0)
}

func TestAmbientErrorSaysWhyAmbientIsFalse(t *testing.T) {
	t.Parallel()
	switch err := store.AmbientError(); {
	case store.Ambient() && err != nil:
		t.Errorf("Ambient, yet AmbientError() = %v", err)
	case !store.Ambient() && (err == nil || err.Error() != "built with the tag asynclocal_noambient"):
		t.Errorf("not Ambient, and AmbientError() = %v", err)
	}
}
