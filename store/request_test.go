// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

func TestARequestIsCurrentInItsRunAndInWhatThatStarts(t *testing.T) {
	t.Parallel()
	r := store.NewRequest("abc")
	wantCurrent(t, nil)
	r.Run(t.Context(), func(ctx context.Context) {
		if got, ok := store.CurrentFrom(ctx); got != r || !ok {
			t.Errorf("CurrentFrom = %q, %v; want abc", got.ID(), ok)
		}
		ambientOnly(t)
		wantCurrent(t, r)
		await(func() { wantCurrent(t, r) })
		done := make(chan struct{})
		store.Go(func() { wantCurrent(t, r); close(done) })
		<-done
		if got, ok := store.CurrentFrom(nil); got != r || !ok {
			t.Errorf("CurrentFrom(nil) = %q, %v; want the ambient abc", got.ID(), ok)
		}
	})
	wantCurrent(t, nil)
	if got, ok := store.CurrentFrom(t.Context()); got != nil || ok {
		t.Errorf("CurrentFrom = %q, %v outside of every request", got.ID(), ok)
	}
}

func TestTheEmptyIDIsGenerated(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		id := store.NewRequest("").ID()
		if !regexp.MustCompile(`^[A-Z2-7]{26}$`).MatchString(id) || seen[id] {
			t.Fatalf("id %q is not 26 characters of base32, or not the first of its kind", id)
		}
		seen[id] = true
	}
	if got := store.NewRequest("any thing\n").ID(); got != "any thing\n" {
		t.Errorf("ID() = %q, want what it was given", got)
	}
}

func TestARequestsNameIsWhatSetNameSetLast(t *testing.T) {
	t.Parallel()
	r := store.NewRequest("r")
	if r.Name() != "" {
		t.Errorf("Name() = %q before SetName", r.Name())
	}
	r.SetName("GET /orders/:id")
	r.Run(t.Context(), func(context.Context) {
		await(func() { r.SetName("GET /orders") })
		if r.Name() != "GET /orders" {
			t.Errorf("Name() = %q, want what the child set", r.Name())
		}
	})
}

func TestARequestHasEndedOnceItsRunIsOverHoweverThatEnds(t *testing.T) {
	t.Parallel()
	ends := map[string]func(){
		"return": func() {},
		"panic":  func() { panic("boom") },
		"Goexit": runtime.Goexit,
	}
	for name, end := range ends {
		r := store.NewRequest(name)
		if r.Ended() {
			t.Errorf("%s: ended before it was run", name)
		}
		await(func() {
			defer func() { _ = recover() }()
			r.Run(t.Context(), func(context.Context) {
				if r.Ended() {
					t.Errorf("%s: ended while it runs", name)
				}
				end()
			})
		})
		if !r.Ended() {
			t.Errorf("%s: has not ended", name)
		}
	}
}

func TestARequestPrintsAsItsIDAndName(t *testing.T) {
	t.Parallel()
	named := store.NewRequest("r-1")
	named.SetName("GET /")
	for want, r := range map[string]*store.Request{"r-1 (GET /)": named, "r-2": store.NewRequest("r-2"), "": nil} {
		if got := fmt.Sprint(r); got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	}
}

func TestTheContextOfANilParentIsTheBackground(t *testing.T) {
	t.Parallel()
	r := store.NewRequest("r")
	r.Run(nil, func(ctx context.Context) {
		if ctx == nil || ctx.Done() != nil {
			t.Errorf("the function was given %v", ctx)
		}
	})
}

func TestARequestsContextKeepsItsParentsCancellationAndValues(t *testing.T) {
	t.Parallel()
	parent, cancel := context.WithCancel(context.WithValue(t.Context(), ctxKey("k"), "v"))
	store.NewRequest("r").Run(parent, func(ctx context.Context) {
		if got := ctx.Value(ctxKey("k")); got != "v" {
			t.Errorf("Value = %v, want v", got)
		}
		cancel()
		<-ctx.Done()
	})
}

func TestTheMethodsOfANilRequestGiveAbsence(t *testing.T) {
	t.Parallel()
	var r *store.Request
	r.SetName("x")
	r.SetLinger(0)
	r.LabelID()
	if r.ID() != "" || r.Name() != "" || !r.Ended() {
		t.Errorf("ID() %q, Name() %q, Ended() %v; want none, none, true", r.ID(), r.Name(), r.Ended())
	}
	attached := store.NewAttachment(func(*store.Request) int { return 1 })
	if v, ok := attached.Peek(r); attached.Of(r) != 0 || v != 0 || ok {
		t.Error("a nil Request has an attachment")
	}
}

func TestNestedRequestsEachAreTheirOwn(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	outer, inner := store.NewRequest("outer"), store.NewRequest("inner")
	outer.Run(t.Context(), func(ctx context.Context) {
		s.Run(1, func() {
			inner.Run(ctx, func(ctx context.Context) {
				wantCurrent(t, inner)
				wantSet(t, s, 1)
				if got, _ := store.CurrentFrom(ctx); got != inner {
					t.Errorf("CurrentFrom = %q, want inner", got.ID())
				}
				await(func() { wantCurrent(t, inner) })
			})
			wantCurrent(t, outer)
			wantSet(t, s, 1)
		})
		if !inner.Ended() || outer.Ended() {
			t.Errorf("inner ended: %v, outer ended: %v; want true, false", inner.Ended(), outer.Ended())
		}
	})
}

func TestARequestSeesWhatItsContextCarriesBeforeWhatIsAmbient(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a, b := store.New("a", 0), store.New("b", 0)
	a.Run(1, func() {
		b.Run(2, func() {
			store.NewRequest("r").Run(a.With(t.Context(), 10), func(context.Context) {
				wantSet(t, a, 10)
				wantSet(t, b, 2)
			})
		})
	})
}

func TestARequestMayBeUsedByManyGoroutines(t *testing.T) {
	t.Parallel()
	r := store.NewRequest("r")
	s := store.New("s", 0)
	r.Run(t.Context(), func(ctx context.Context) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for range 100 {
					store.RunContext(ctx, func(ctx context.Context) {
						r.SetName([]string{"a", "b"}[i%2])
						_ = r.Name() + r.ID()
						wantFrom(s.With(ctx, i), t, s, i, true)
					})
				}
			})
		}
		wg.Wait()
	})
}
