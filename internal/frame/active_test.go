// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"context"
	"math/rand/v2"
	"runtime"
	"runtime/pprof"
	"slices"
	"testing"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

func onlyAmbient(t testing.TB) {
	t.Helper()
	if !ambient.On() {
		t.Skip(ambient.Why())
	}
}

// clean runs f on a goroutine that has nothing, and checks that it leaves nothing.
func clean(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		ambient.Set(ambient.Slot{})
		f()
		if ambient.Get() != (ambient.Slot{}) {
			t.Error("something is left in the slot")
		}
	}()
	<-done
}

func started() *Active {
	n := new(struct {
		frame Frame
		Active
	})
	n.Enter(&n.frame)
	return &n.Active
}

func wantLive(t *testing.T, want *Active) {
	t.Helper()
	if got := CurrentActive().Live(); got != want {
		t.Errorf("the active span is %p, want %p", got, want)
	}
}

func TestASpanIsActiveUntilItLeavesAndThenTheOneBefore(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		a := started()
		b := started()
		wantLive(t, b)
		b.Leave()
		wantLive(t, a)
		b.Leave() // twice
		wantLive(t, a)
		a.Leave()
		wantLive(t, nil)
	})
}

func TestSpansThatLeaveInAnyOrderLeaveTheMostRecentLiveOne(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	for seed := range uint64(500) {
		clean(t, func() {
			random := rand.New(rand.NewPCG(seed, 0))
			var live, ended []*Active
			for range maxDepth - 1 {
				switch n := random.IntN(10); {
				case n < 5:
					live = append(live, started())
				case n < 9 && len(live) > 0:
					i := random.IntN(len(live))
					live[i].Leave()
					ended = append(ended, live[i])
					live = slices.Delete(live, i, i+1)
				case len(ended) > 0:
					ended[random.IntN(len(ended))].Leave() // again
				}
				var want *Active
				if len(live) > 0 {
					want = live[len(live)-1]
				}
				wantLive(t, want)
			}
			for _, a := range live {
				a.Leave()
			}
		})
	}
}

func TestASpanThatEndsOnAnotherGoroutineLeavesThatOneAlone(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		a := started()
		b := started()
		clean(t, func() {
			c := started()
			b.Leave()
			wantLive(t, c)
			c.Leave()
		})
		wantLive(t, a)
		if CurrentActive() != b {
			t.Error("the slot of the span's goroutine was changed from another")
		}
		c := started() // pops what has ended meanwhile
		if c.above != a {
			t.Error("a span hangs under one that has ended")
		}
		c.Leave()
		a.Leave()
	})
}

func TestAChildGoroutineInheritsTheActiveSpan(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		a := started()
		done := make(chan struct{})
		go func() {
			defer close(done)
			wantLive(t, a)
			b := started()
			wantLive(t, b)
		}()
		<-done
		wantLive(t, a)
		a.Leave()
	})
}

func TestSpansThatNobodyEndsAreForgottenPastABound(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		before := ambient.Get()
		defer ambient.Set(before)
		var all []weak.Pointer[Active]
		for range 1000 {
			a := started()
			all = append(all, weak.Make(a))
			depth := 0
			for p := a; p != nil; p = p.above {
				depth++
			}
			if depth > maxDepth {
				t.Fatalf("%d spans are kept, want %d at most", depth, maxDepth)
			}
		}
		runtime.GC()
		alive := 0
		for _, w := range all {
			if w.Value() != nil {
				alive++
			}
		}
		if alive > maxDepth+1 {
			t.Errorf("%d spans are still held, want %d at most", alive, maxDepth+1)
		}
		if all[0].Value() == nil {
			t.Error("the outermost has been forgotten")
		}
		if all[999].Value() != CurrentActive() {
			t.Error("the last span is not the active one")
		}
	})
}

func TestSpansThatOverlapForEverNeverHideTheOneAroundThem(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		s := opened(t)
		root := started()
		last := started()
		for range 10 * maxDepth {
			next := started()
			last.Leave()
			wantLive(t, next)
			last = next
		}
		last.Leave()
		wantLive(t, root)
		root.Leave()
		s.End()
		ambient.Set(ambient.Slot{})
	})
}

func TestSpansNestedPastTheBoundLeaveWhatIsSetAlone(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		var k Key
		InitKey[int](&k, "k")
		root := started()
		var down func(depth int)
		down = func(depth int) {
			if depth > 3*maxDepth {
				return
			}
			before := ambient.Get()
			defer ambient.Set(before)
			ambient.Set(With(before, &k, depth))
			a := started()
			wantLive(t, a)
			down(depth + 1)
			wantLive(t, a)
			a.Leave()
			if h := Current().Lookup(&k); h == nil || *ValueOf[int](h) != depth {
				t.Errorf("at depth %d something else is set", depth)
			}
		}
		down(1)
		wantLive(t, root)
		root.Leave()
	})
}

func TestASpanOverTheUsersLabelsKeepsThem(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		a := started()
		pprof.Do(Context(), pprof.Labels("user", "ada"), func(context.Context) {
			wantLive(t, a)
			slot := ambient.Get()
			b := started()
			wantLive(t, b)
			if !ambient.SameLabels(slot, ambient.Get()) {
				t.Error("the user's labels are gone")
			}
			b.Leave()
			if ambient.Get() != slot {
				t.Error("the slot is not as it was")
			}
		})
		wantLive(t, a)
		a.Leave()
	})
}

func TestTheParentIsALiveSpanOrInARequestTheOutermost(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		a := started()
		if Parent() != a {
			t.Error("the parent is not the active span")
		}
		a.End()
		if Parent() != nil {
			t.Error("outside requests a span that has ended is a parent")
		}
		a.Leave()
	})
	clean(t, func() {
		var s Scope
		s.Init(nil)
		slot, _ := s.Open(t.Context(), ambient.Get())
		ambient.Set(slot)
		a := started()
		b := started()
		a.End()
		if Parent() != b {
			t.Error("the parent is not the live span")
		}
		b.End()
		if Parent() != a {
			t.Error("in a request whose spans have ended the outermost is not the parent")
		}
		s.SetLinger(0)
		s.End()
		if Parent() != nil {
			t.Error("a request that has expired has a parent")
		}
		ambient.Set(ambient.Slot{})
	})
}

func TestActivatingASpanAllocatesTheSpanAlone(t *testing.T) {
	onlyAmbient(t)
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	if got := testing.AllocsPerRun(1000, func() { started().Leave() }); got > 1 {
		t.Errorf("%v allocations, want 1", got)
	}
}
