// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
)

func TestEveryTickIsARequestOfItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		var ids []string
		done := make(chan struct{})
		go func() {
			defer close(done)
			jobs.Every(ctx, time.Minute, "refresh", func(ctx context.Context) error {
				r, _ := store.CurrentFrom(ctx)
				if r.Name() != "job refresh" {
					t.Errorf("name %q", r.Name())
				}
				ids = append(ids, r.ID())
				time.Sleep(90 * time.Second) // it misses every other tick
				return errors.New("which ends nothing")
			})
		}()
		time.Sleep(5*time.Minute + time.Second)
		cancel()
		<-done
		if len(ids) != 3 || ids[0] == ids[1] || ids[1] == ids[2] {
			t.Errorf("ids %v, want three", ids)
		}
	})
}

func TestAPoolRunsWhatItIsGivenInTheContextOfTheGiver(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("nothing is ambient")
	}
	p := jobs.NewPool(1)
	hold := make(chan struct{})
	p.Go(func() { <-hold })
	got := make(chan string, 2)
	for _, id := range []string{"a", "b"} {
		r := store.NewRequest(id)
		r.SetLinger(0) // it is over before its turn
		r.Run(context.Background(), func(context.Context) {
			store.Go(func() { p.Go(func() { r, _ := store.Current(); got <- r.ID() }) })
		})
	}
	if p.TryGo(func() {}) {
		t.Error("there was room for a second one")
	}
	close(hold)
	seen := map[string]bool{<-got: true, <-got: true}
	if !seen["a"] || !seen["b"] {
		t.Errorf("saw %v", seen)
	}
	p.Wait()
	if !p.TryGo(func() { _, ok := store.Current(); got <- map[bool]string{true: "unclean"}[ok] }) {
		t.Error("there was no room")
	}
	if id := <-got; id != "" {
		t.Error("the pool is not clean")
	}
	p.Wait()
}

func TestAPoolIsBounded(t *testing.T) {
	t.Parallel()
	p := jobs.NewPool(3)
	var now, most atomic.Int32
	for range 50 {
		p.Go(func() {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(time.Millisecond)
			now.Add(-1)
		})
	}
	p.Wait()
	if most.Load() > 3 || now.Load() != 0 {
		t.Errorf("%d at once, %d left", most.Load(), now.Load())
	}
}

func TestMistakesPanicWithTheirCure(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(){
		"no room":     func() { jobs.NewPool(0) },
		"no interval": func() { jobs.Every(context.Background(), 0, "n", nothing) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
