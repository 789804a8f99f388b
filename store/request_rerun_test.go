// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

func TestARequestRunInsideItselfGivesTheOuterRunItsContextBack(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	word := store.New("word", "default")
	r := store.NewRequest("r")
	r.Run(word.With(t.Context(), "outer"), func(context.Context) {
		r.Run(word.With(t.Context(), "inner"), func(context.Context) {
			wantSet(t, word, "inner")
		})
		wantSet(t, word, "outer")
		if r.Ended() {
			t.Error("the inner run ended the request")
		}
	})
	if !r.Ended() {
		t.Error("the request has not ended")
	}
}

func TestARequestRunTwiceAtTheSameTimeKeepsTheContextsApart(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	n := store.New("n", 0)
	r := store.NewRequest("r")
	var opened, done sync.WaitGroup
	opened.Add(8)
	for i := 1; i <= 8; i++ {
		done.Go(func() {
			r.Run(n.With(t.Context(), i), func(context.Context) {
				opened.Done()
				opened.Wait()
				wantSet(t, n, i)
			})
		})
	}
	done.Wait()
	if !r.Ended() {
		t.Error("the request has not ended")
	}
}

func TestARequestRunAgainLeavesInheritorsOfTheFirstRunTheirs(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	n := store.New("n", 0)
	r := store.NewRequest("r")
	second, checked := make(chan struct{}), make(chan struct{})
	r.Run(n.With(t.Context(), 1), func(context.Context) {
		go func() {
			defer close(checked)
			<-second
			wantSet(t, n, 1)
		}()
	})
	r.Run(n.With(t.Context(), 2), func(context.Context) {
		wantSet(t, n, 2)
		close(second)
		<-checked
	})
}

func TestARequestThatIsRunAgainAndAgainAtTheSameTimeIsEndedOnlyAfterTheLast(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	r := store.NewRequest("r")
	r.SetLinger(0)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2000 {
				r.Run(t.Context(), func(context.Context) {
					if c, _ := store.Current(); c != r || r.Ended() {
						t.Errorf("Current() is %q and Ended() %v inside a run", c.ID(), r.Ended())
					}
				})
			}
		})
	}
	wg.Wait()
	if !r.Ended() {
		t.Error("the request has not ended")
	}
}
