// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// wantAllocs checks what one call of f allocates. It needs the process to itself.
func wantAllocs(t *testing.T, what string, want float64, f func()) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	if got := testing.AllocsPerRun(1000, f); got != want {
		t.Errorf("%s: %v allocations, want %v", what, got, want)
	}
}

func TestReadingAllocatesNothing(t *testing.T) {
	s, word := store.New("s", 0), store.New("word", "")
	var unset store.Storage[[4]int]
	for _, n := range []int{0, 1, 10, 100} {
		nest(n, func([]*store.Storage[int]) {
			word.Run("w", func() {
				ctx := s.With(t.Context(), 1)
				wantAllocs(t, fmt.Sprint("GetStore under ", n), 0, func() { s.GetStore(); word.GetStore(); unset.GetStore() })
				wantAllocs(t, fmt.Sprint("From under ", n), 0, func() { s.From(ctx); word.From(ctx); unset.From(nil) })
				wantAllocs(t, fmt.Sprint("Current under ", n), 0, func() { store.Current(); store.CurrentFrom(ctx) })
				wantAllocs(t, fmt.Sprint("Capture under ", n), 0, func() { store.Capture() })
			})
		})
	}
	store.NewRequest("r").Run(t.Context(), func(ctx context.Context) {
		s.Run(1, func() {
			wantAllocs(t, "GetStore in a request", 0, func() { s.GetStore() })
			wantAllocs(t, "From in a request", 0, func() { s.From(ctx) })
			wantAllocs(t, "Current in a request", 0, func() { store.Current(); store.CurrentFrom(ctx) })
			wantAllocs(t, "Capture in a request", 0, func() { store.Capture() })
		})
		wantAllocs(t, "Context in a request", 0, func() { store.Context() })
	})
}

func testRunAllocatesOnce[T any](t *testing.T, value T) {
	ambientOnly(t)
	s := store.New("s", value)
	name := fmt.Sprintf("%T", value)
	for n := range 7 {
		nest(n, func([]*store.Storage[int]) {
			wantAllocs(t, fmt.Sprint("Run of a ", name, " under ", n), 1, func() { s.Run(value, nothing) })
		})
	}
	s.Run(value, func() {
		wantAllocs(t, "Run of a "+name+" over another", 1, func() { s.Run(value, nothing) })
		wantAllocs(t, "Call of a "+name, 1, func() { store.Call(s, value, func() int { return 1 }) })
	})
}

func TestRunAllocatesOnce(t *testing.T) {
	testRunAllocatesOnce(t, "a string")
	testRunAllocatesOnce(t, 1<<20)
	testRunAllocatesOnce(t, struct {
		a, b string
		c    [4]int
	}{"a", "b", [4]int{}})
	testRunAllocatesOnce(t, new(int))
	testRunAllocatesOnce[error](t, context.Canceled)
}

func TestWhatElseTakesAContextAlongAllocatesOnce(t *testing.T) {
	s := store.New("s", 0)
	s.Run(1, func() {
		snapshot := store.Capture()
		wantAllocs(t, "Bind", 1, func() { sinkFunc = store.Bind(nothing) })
		wantAllocs(t, "With", 1, func() { s.With(t.Context(), 2) })
		if store.Ambient() {
			wantAllocs(t, "Snapshot.Run", 1, func() { snapshot.Run(nothing) })
			wantAllocs(t, "Exit of a storage", 1, func() { s.Exit(nothing) })
			wantAllocs(t, "Exit", 0, func() { store.Exit(nothing) })
		}
	})
}

// A Run nested in a request makes two: what has to go when the request expires is
// not part of the frame, which stays with the goroutine that inherited it. Every fourth needs
// a block for the cells between the two.
func TestRunInARequestAllocatesTwice(t *testing.T) {
	ambientOnly(t)
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	s := store.New("s", 0)
	store.NewRequest("r").Run(t.Context(), func(context.Context) {
		if got := testing.AllocsPerRun(4000, func() { s.Run(1, nothing) }); got > 2 {
			t.Errorf("%v allocations, want 2", got)
		}
	})
}

// The Request, its context, and a frame with what is left of the Request after its linger.
func TestARequestAllocatesThrice(t *testing.T) {
	ambientOnly(t)
	f := func(context.Context) {}
	wantAllocs(t, "a Request and its Run", 3, func() { store.NewRequest("r").Run(t.Context(), f) })
}

func TestAGoStatementInARunAllocatesNothingMore(t *testing.T) {
	s := store.New("s", 0)
	done := make(chan struct{})
	end := func() { done <- struct{}{} }
	spawn := func() { go end(); <-done }
	for range 100 {
		spawn() // the runtime's dead goroutines, which it uses again
	}
	outside := testing.AllocsPerRun(1000, spawn)
	s.Run(1, func() { wantAllocs(t, "a go statement in a Run", outside, spawn) })
	store.NewRequest("r").Run(t.Context(), func(context.Context) {
		wantAllocs(t, "a go statement in a request", outside, spawn)
	})
}
