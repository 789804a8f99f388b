// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/store"
)

func TestABubblesGoroutinesInheritAndItsTimersAreBound(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	n := store.New("n", 0)
	n.Run(1, func() {
		synctest.Test(t, func(t *testing.T) {
			wantSet(t, n, 1)
			n.Run(2, func() {
				go wantSet(t, n, 2)
				time.AfterFunc(time.Hour, func() { wantUnset(t, n, 0) })
				store.AfterFunc(time.Hour, func() { wantSet(t, n, 2) })
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				store.ContextAfterFunc(ctx, func() { wantSet(t, n, 2) })
				time.Sleep(2 * time.Hour)
			})
			synctest.Wait()
			wantSet(t, n, 1)
		})
	})
}

// heirs starts a goroutine that inherits r, with n set, and one that is bound to
// it. Both check what they are sent, until the channels are closed.
func heirs(t *testing.T, r *store.Request, n *store.Storage[int]) (inherited, kept chan func()) {
	inherited, kept = make(chan func()), make(chan func())
	serve := func(c chan func()) {
		for f := range c {
			f()
		}
	}
	r.Run(t.Context(), func(context.Context) {
		n.Run(1, func() {
			go serve(inherited)
			store.Go(func() { serve(kept) })
		})
	})
	return inherited, kept
}

// on runs f on the goroutine that serves c, and waits for it.
func on(c chan func(), f func()) {
	done := make(chan struct{})
	c <- func() {
		defer close(done)
		f()
	}
	<-done
}

func TestAnInheritorReadsUnsetFromTheLingersEndOnAndBoundWorkNever(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	for _, linger := range []time.Duration{0, time.Nanosecond, time.Second, time.Hour, store.Forever} {
		t.Run(fmt.Sprint("linger ", linger), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := store.New("n", 0)
				r := store.NewRequest("r")
				r.SetLinger(linger)
				inherited, kept := heirs(t, r, n)
				defer close(inherited)
				defer close(kept)
				if linger > 0 {
					time.Sleep(linger - 1)
					on(inherited, func() { wantSet(t, n, 1); wantCurrent(t, r) })
				}
				time.Sleep(time.Nanosecond)
				if linger == store.Forever {
					time.Sleep(10 * 365 * 24 * time.Hour)
					on(inherited, func() { wantSet(t, n, 1); wantCurrent(t, r) })
				} else {
					on(inherited, func() { wantUnset(t, n, 0); wantCurrent(t, nil) })
				}
				time.Sleep(time.Hour)
				on(kept, func() { wantSet(t, n, 1); wantCurrent(t, r) })
			})
		})
	}
}

// held runs a request that holds a value which an inheritor, who lives on, leads
// to, and returns a pointer that tells whether it still is.
func held(t *testing.T, linger time.Duration, stop chan struct{}) weak.Pointer[[]byte] {
	big := store.New[*[]byte]("big", nil)
	value := new([]byte)
	r := store.NewRequest("")
	r.SetLinger(linger)
	r.Run(t.Context(), func(context.Context) {
		big.Run(value, func() { go func() { <-stop }() })
	})
	return weak.Make(value)
}

// A timer of one bubble that is stopped, reset or waited for from another, or from
// outside, ends the process: so what is shared outside must not be shared here.
func TestRequestsThatEndInsideAndOutsideBubblesAtTheSameTimeDoNotMeet(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	const linger = time.Minute
	var wg sync.WaitGroup
	done := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				stop := make(chan struct{})
				held(t, linger, stop)
				close(stop)
			}
		}
	})
	bubbles := 50
	if testing.Short() {
		bubbles = 5
	}
	for i := range bubbles {
		synctest.Test(t, func(t *testing.T) {
			stop := make(chan struct{})
			time.Sleep(time.Duration(i) * 365 * 24 * time.Hour / 5) // up to ten years
			var all []weak.Pointer[[]byte]
			for range 20 {
				all = append(all, held(t, linger, stop))
				time.Sleep(time.Second)
			}
			time.Sleep(linger)
			synctest.Wait()
			runtime.GC()
			for _, w := range all {
				if w.Value() != nil {
					t.Errorf("bubble %d: a request that has expired holds its value", i)
				}
			}
			close(stop)
		})
	}
	close(done)
	wg.Wait()
}
