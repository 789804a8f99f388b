// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

func TestAChildGoroutineSeesItsParentsContextAsOfTheGoStatement(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	s.Run(1, func() {
		changed, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			<-changed
			wantSet(t, s, 1)
		}()
		s.EnterWith(2)
		close(changed)
		<-done
	})
}

func TestAChangeInAChildIsInvisibleToItsParent(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	s.Run(1, func() {
		await(func() { s.EnterWith(2) })
		wantSet(t, s, 1)
		await(s.Disable)
		wantSet(t, s, 1)
	})
}

func TestAGrandchildSeesWhatItsParentHadSet(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	a, b := store.New("a", 0), store.New("b", 0)
	a.Run(1, func() {
		await(func() {
			b.Run(2, func() {
				await(func() { wantSet(t, a, 1); wantSet(t, b, 2) })
			})
		})
	})
}

func TestAGoroutineKeepsTheContextAfterRunHasReturned(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	returned, done := make(chan struct{}), make(chan struct{})
	s.Run(1, func() {
		go func() {
			defer close(done)
			<-returned
			wantSet(t, s, 1)
		}()
	})
	close(returned)
	<-done
}

func TestWaitGroupGoInherits(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	s.Run(1, func() {
		var wg sync.WaitGroup
		wg.Go(func() { wantSet(t, s, 1) })
		wg.Wait()
	})
}

func TestASubtestInherits(t *testing.T) {
	ambientOnly(t)
	s := store.New("s", 0)
	s.Run(1, func() {
		t.Run("sub", func(t *testing.T) { wantSet(t, s, 1) })
	})
}

func TestHTTPTimeoutHandlerInherits(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", "none")
	inner := http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, s.Get())
	}), time.Minute, "too late")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Run(r.URL.Path, func() { inner.ServeHTTP(w, r) })
	}))
	defer server.Close()
	resp, err := server.Client().Get(server.URL + "/a")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); string(body) != "/a" || err != nil {
		t.Errorf("the handler under the TimeoutHandler read %q, %v; want /a", body, err)
	}
}

func TestTimersAndContextCallbacksRunOutsideUnlessBound(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	bare := func(done chan struct{}) func() {
		return func() { wantUnset(t, s, 0); close(done) }
	}
	bound := func(done chan struct{}) func() {
		return func() { wantSet(t, s, 1); close(done) }
	}
	// The bubble's clock stands still until all of it waits.
	timeout := func() context.Context {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		t.Cleanup(cancel)
		return ctx
	}
	tests := []struct {
		name  string
		start func(f func())
		f     func(chan struct{}) func()
	}{
		{"time.AfterFunc", func(f func()) { time.AfterFunc(time.Second, f) }, bare},
		{"time.AfterFunc of a bound function", func(f func()) { time.AfterFunc(time.Second, store.Bind(f)) }, bound},
		{"store.AfterFunc", func(f func()) { store.AfterFunc(time.Second, f) }, bound},
		{"store.AfterFunc, reset", func(f func()) {
			timer := store.AfterFunc(time.Hour, f)
			store.Exit(func() { timer.Reset(0) })
		}, bound},
		{"context.AfterFunc at a timeout", func(f func()) { context.AfterFunc(timeout(), f) }, bare},
		{"store.ContextAfterFunc at a timeout", func(f func()) { store.ContextAfterFunc(timeout(), f) }, bound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(*testing.T) {
				done := make(chan struct{})
				s.Run(1, func() { tt.start(tt.f(done)) })
				<-done
			})
		})
	}
}

func TestContextAfterFuncRunsInTheCancellersContextUnlessBound(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	seen := make(chan int)
	note := func() { seen <- s.Get() }
	ctx, cancel := context.WithCancel(t.Context())
	s.Run(1, func() { context.AfterFunc(ctx, note) })
	s.Run(2, cancel)
	if got := <-seen; got != 2 {
		t.Errorf("context.AfterFunc read %d, want the canceller's 2", got)
	}
	ctx, cancel = context.WithCancel(t.Context())
	s.Run(1, func() { store.ContextAfterFunc(ctx, note) })
	s.Run(2, cancel)
	if got := <-seen; got != 1 {
		t.Errorf("store.ContextAfterFunc read %d, want the registrant's 1", got)
	}
}

func TestContextAfterFuncStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	stop := store.ContextAfterFunc(ctx, func() { t.Error("called, though stopped") })
	if !stop() {
		t.Error("stop() = false before the cancellation")
	}
	cancel()
	if stop() {
		t.Error("stop() = true the second time")
	}
}

func TestCleanupsAndFinalizersRunOutsideUnlessBound(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	cleaned, boundCleaned := make(chan int, 1), make(chan int, 1)
	finalized, boundFinalized := make(chan int, 1), make(chan int, 1)
	s.Run(1, func() {
		runtime.AddCleanup(new(payload), func(int) { cleaned <- s.Get() }, 0)
		runtime.AddCleanup(new(payload), func(f func()) { f() }, store.Bind(func() { boundCleaned <- s.Get() }))
		runtime.SetFinalizer(new(payload), func(*payload) { finalized <- s.Get() })
		runtime.SetFinalizer(new(payload), store.BindFunc(func(*payload) { boundFinalized <- s.Get() }))
	})
	for _, tt := range []struct {
		name string
		read chan int
		want int
	}{
		{"a cleanup", cleaned, 0}, {"a bound cleanup", boundCleaned, 1},
		{"a finalizer", finalized, 0}, {"a bound finalizer", boundFinalized, 1},
	} {
		if got := collectUntil(t, tt.read); got != tt.want {
			t.Errorf("%s read %d, want %d", tt.name, got, tt.want)
		}
	}
}

// collectUntil collects garbage until something is received from c.
func collectUntil[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	for range 500 {
		runtime.GC()
		select {
		case v = <-c:
			return v
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("the garbage collector did not run the function")
	return v
}

// numbers yields what s reads, in its body, at each step.
func numbers(s *store.Storage[int]) iter.Seq[int] {
	return func(yield func(int) bool) {
		for yield(s.Get()) {
		}
	}
}

func TestAnIteratorsBodyRunsInTheConsumersContext(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	var seq iter.Seq[int]
	s.Run(1, func() { seq = numbers(s) })
	var got []int
	s.Run(2, func() {
		for n := range seq {
			if got = append(got, n); len(got) == 3 {
				break
			}
		}
	})
	if fmt.Sprint(got) != "[2 2 2]" {
		t.Errorf("the body read %v, want the consumer's 2", got)
	}
}

func TestAPulledIteratorRunsInTheContextOfThePullCall(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	s := store.New("s", 0)
	seq := numbers(s)
	var next func() (int, bool)
	var stop func()
	s.Run(1, func() { next, stop = iter.Pull(seq) })
	defer stop()
	s.Run(2, func() {
		for range 3 {
			if n, ok := next(); n != 1 || !ok {
				t.Errorf("next() = %d, %v; want the 1 of Pull's context", n, ok)
			}
			wantSet(t, s, 2)
		}
	})
}
