// SPDX-License-Identifier: Apache-2.0

// Package truth_test holds what each check says of the runtime, of other people's packages and of
// ours: a check whose claim has stopped being true fails here.
package truth_test

import (
	"context"
	"runtime/pprof"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

const outside = "no request"

// seen names the request that the calling goroutine runs in.
func seen() string {
	if r, ok := store.Current(); ok {
		return r.ID()
	}
	return outside
}

// in calls f in a request of that id.
func in(id string, f func()) {
	store.NewRequest(id).Run(context.Background(), func(context.Context) { f() })
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s sees %q, want %q", what, got, want)
	}
}

func TestTimersRunOutsideOfTheRequestThatSetThem(t *testing.T) {
	t.Parallel()
	bare, cured := make(chan string, 1), make(chan string, 1)
	in("a", func() {
		time.AfterFunc(0, func() { bare <- seen() })
		store.AfterFunc(0, func() { cured <- seen() })
	})
	want(t, "time.AfterFunc", <-bare, outside)
	want(t, "store.AfterFunc", <-cured, "a")
}

func TestContextCallbacksRunInWhoeverCancels(t *testing.T) {
	t.Parallel()
	bare, cured, late := make(chan string, 1), make(chan string, 1), make(chan string, 1)
	ctx, cancel := context.WithCancel(context.Background())
	in("a", func() {
		context.AfterFunc(ctx, func() { bare <- seen() })
		store.ContextAfterFunc(ctx, func() { cured <- seen() })
		deadline, stop := context.WithTimeout(context.Background(), time.Millisecond)
		context.AfterFunc(deadline, func() { late <- seen(); stop() })
	})
	in("b", cancel)
	want(t, "context.AfterFunc", <-bare, "b")
	want(t, "store.ContextAfterFunc", <-cured, "a")
	want(t, "context.AfterFunc of a deadline", <-late, outside)
}

func TestAGoroutineInheritsAndKeepsForTheLingerOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bare, bound := make(chan string, 3), make(chan string, 3)
		life := func(to chan<- string) {
			to <- seen()
			time.Sleep(time.Second)
			to <- seen()
			time.Sleep(6 * time.Minute)
			to <- seen()
		}
		in("a", func() {
			go life(bare)
			store.Go(func() { life(bound) })
		})
		for _, when := range []string{"at once", "after the end", "after the linger"} {
			expected := "a"
			if when == "after the linger" {
				expected = outside
			}
			want(t, "go, "+when, <-bare, expected)
			want(t, "store.Go, "+when, <-bound, "a")
		}
	})
}

func TestAGoroutineThatIsStartedOnceKeepsWhoeverCameFirst(t *testing.T) {
	t.Parallel()
	for name, once := range map[string]func(func()) func(){
		"sync.Once":     func(f func()) func() { var o sync.Once; return func() { o.Do(f) } },
		"sync.OnceFunc": sync.OnceFunc,
	} {
		asked, told := make(chan bool), make(chan string)
		answer := func() {
			for range asked {
				told <- seen()
			}
		}
		start := once(func() { go answer() })
		exited := once(func() { store.Exit(func() { go answer() }) })
		in("a", start)
		in("b", func() {
			start()
			asked <- true
			want(t, name+"'s goroutine, in another request", <-told, "a")
		})
		close(asked)

		asked = make(chan bool)
		in("a", exited)
		asked <- true
		want(t, name+"'s goroutine, made in store.Exit", <-told, outside)
		close(asked)
	}
}

func TestAFunctionOnAChannelRunsInItsReceiver(t *testing.T) {
	t.Parallel()
	jobs, done := make(chan func()), make(chan string, 2)
	in("worker", func() {
		go func() {
			for f := range jobs {
				f()
			}
		}()
	})
	in("a", func() {
		jobs <- func() { done <- seen() }
		jobs <- store.Bind(func() { done <- seen() })
	})
	close(jobs)
	want(t, "a function from a channel", <-done, "worker")
	want(t, "a bound function from a channel", <-done, "a")
}

func TestProfilerLabelsOfAnEmptyContextWipeTheRequest(t *testing.T) {
	t.Parallel()
	labels := pprof.Labels("step", "load")
	in("a", func() {
		pprof.Do(store.Detach(store.Context()), labels, func(context.Context) {
			want(t, "pprof.Do with a detached ctx of the request", seen(), "a")
		})
		want(t, "what follows it", seen(), "a")
		pprof.Do(context.Background(), labels, func(context.Context) {
			want(t, "pprof.Do with context.Background", seen(), outside)
		})
		want(t, "what follows pprof.Do with context.Background", seen(), outside)
	})
	in("a", func() {
		pprof.SetGoroutineLabels(pprof.WithLabels(store.Detach(store.Context()), labels))
		want(t, "SetGoroutineLabels with a detached ctx of the request", seen(), "a")
		pprof.SetGoroutineLabels(pprof.WithLabels(context.TODO(), labels))
		want(t, "SetGoroutineLabels with context.TODO", seen(), outside)
	})
}

func TestAnUnusedLeaveLeaksTheValue(t *testing.T) {
	t.Parallel()
	s := store.New("tenant", outside)
	result := make(chan string, 3)
	go func() { // without a Run around it
		enter := func() { s.EnterWith("acme") }
		enter()
		result <- s.Get()
	}()
	want(t, "the caller, when leave was not called,", <-result, "acme")
	go func() {
		func() {
			defer s.EnterWith("acme") //nolint:errcheck // this is the mistake
			result <- s.Get()
		}()
		result <- s.Get()
		s.Disable()
		func() { defer s.EnterWith("acme")() }()
		result <- s.Get()
	}()
	want(t, "the function that defers EnterWith itself", <-result, outside)
	want(t, "its caller", <-result, "acme")
	want(t, "the caller, when leave was deferred,", <-result, outside)
}

func TestAStorageIsFoundByItsAddressAlone(t *testing.T) {
	t.Parallel()
	store.New("tenant", "").Run("acme", func() {
		if got, ok := store.New("tenant", "").GetStore(); ok {
			t.Errorf("another Storage of the same name has the value %q", got)
		}
	})
}
