// SPDX-License-Identifier: Apache-2.0

package goroutine_test

import (
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/internal/goroutine"
)

func TestEveryGoroutineHasTheNumberOfItsTracebacks(t *testing.T) {
	t.Parallel()
	const n = 50
	var mu sync.Mutex
	seen := map[int64]bool{goroutine.ID(): true}
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			id := goroutine.ID()
			if want := "goroutine " + strconv.FormatInt(id, 10) + " "; !strings.HasPrefix(string(debug.Stack()), want) {
				t.Errorf("it is not %d: %.40s", id, debug.Stack())
			}
			if again := deep(20, goroutine.ID); again != id {
				t.Errorf("it is %d, and %d deeper down", id, again)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[id] = true
		})
	}
	wg.Wait()
	if len(seen) != n+1 {
		t.Errorf("%d numbers for %d goroutines", len(seen), n+1)
	}
}

//go:noinline
func deep[T any](n int, f func() T) T {
	if n == 0 {
		return f()
	}
	return deep(n-1, f)
}

type worker struct{ at chan string }

func (w *worker) run() { w.at <- deep(3, goroutine.Entry) }

func TestAGoroutineIsNamedAfterTheFunctionItBeganWith(t *testing.T) {
	t.Parallel()
	w := worker{make(chan string)}
	go w.run()
	if got := <-w.at; got != "goroutine_test.(*worker).run" {
		t.Errorf("a method: %q", got)
	}
	go func() { w.at <- goroutine.Entry() }()
	if got := <-w.at; !strings.HasPrefix(got, "goroutine_test.TestAGoroutineIsNamedAfterTheFunctionItBeganWith.func") {
		t.Errorf("a function literal: %q", got)
	}
	if got := deep(5, goroutine.Entry); got != "testing.tRunner" {
		t.Errorf("a test: %q", got)
	}
	if got := deep(300, goroutine.Entry); got != "" {
		t.Errorf("a stack that is too deep: %q", got)
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":                       "",
		"main.main":              "main.main",
		"a.com/b/c.(*T).m.func1": "c.(*T).m.func1",
		"a.com/b/c.F[go.shape.*a.com/x/y.T].func1": "c.F[go.shape.*a.com/x/y.T].func1",
	} {
		if got := goroutine.Short(name); got != want {
			t.Errorf("Short(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAskingAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates too")
	}
	got := testing.AllocsPerRun(100, func() {
		goroutine.ID()
		goroutine.Entry()
	})
	if got > 0 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkAsking(b *testing.B) {
	for _, depth := range []int{1, 30} {
		b.Run(strconv.Itoa(depth), func(b *testing.B) {
			b.ReportAllocs()
			deep(depth, func() bool {
				for b.Loop() {
					goroutine.ID()
					goroutine.Entry()
				}
				return true
			})
		})
	}
}

func TestTheNumberIsThatOfTracebacks(t *testing.T) {
	t.Parallel()
	for range 100 {
		done := make(chan [2]int64)
		go func() { done <- [2]int64{goroutine.ID(), goroutine.FromTraceback()} }()
		if got := <-done; got[0] != got[1] || got[0] == 0 {
			t.Fatalf("ID() = %d, a traceback has %d", got[0], got[1])
		}
	}
}

func TestAGoroutineKnowsTheGoStatementThatStartedIt(t *testing.T) {
	t.Parallel()
	at := make(chan string)
	for _, depth := range []int{1, 500} { // the second has a traceback of more than 4 KB
		go func() { at <- deep(depth, goroutine.CreatedBy) }()
		by, place, _ := strings.Cut(<-at, "\n")
		if !strings.HasPrefix(by, "created by ") || !strings.Contains(by, ".TestAGoroutineKnowsTheGoStatementThatStartedIt in goroutine ") {
			t.Errorf("%d calls deep it is %q", depth, by)
		}
		if !strings.Contains(place, "goroutine_test.go:") {
			t.Errorf("%d calls deep it is at %q", depth, place)
		}
	}
}
