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
	"github.com/asynclocal/asynclocal/internal/bindings"
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

// elsewhere runs f on another goroutine, and waits for it.
func elsewhere(f func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	<-done
}

// plainSpan is a Source that knows nothing.
type plainSpan struct{ Handle }

func (*plainSpan) Value(any) any                        { return nil }
func (*plainSpan) IDs() (t [16]byte, s [8]byte, f byte) { return t, s, f }
func (*plainSpan) Label() string                        { return "" }
func (*plainSpan) Ends() bool                           { return true }
func (*plainSpan) Rest(*Request) *Span {
	p := new(plainSpan)
	p.Source = p
	return &p.Span
}

// testSpan is a span with its record, as tracing makes them outside requests.
type testSpan struct {
	frame Frame
	ActiveSpan
	plain plainSpan
	own   Own
}

func started() *testSpan {
	n := new(testSpan)
	n.plain.Prepare(&n.ActiveSpan)
	n.plain.Start(&n.plain)
	n.Enter(&n.frame, &n.own, ambient.Get())
	return n
}

func wantLive(t *testing.T, want *testSpan) {
	t.Helper()
	var span *Span
	if want != nil {
		span = &want.plain.Span
	}
	if got := CurrentActive().Live(); got != span {
		t.Errorf("the active span is %p, want %p", got, span)
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
			var live, ended []*testSpan
			for range maxLive - 1 {
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
				var want *testSpan
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
		if CurrentActive() != &b.ActiveSpan {
			t.Error("the slot of the span's goroutine was changed from another")
		}
		c := started() // pops what has ended meanwhile
		c.Leave()
		wantLive(t, a)
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

func TestSpansThatAreNotEndedAreForgottenPastABound(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		before := ambient.Get()
		defer ambient.Set(before)
		var all []weak.Pointer[testSpan]
		for range 1000 {
			all = append(all, weak.Make(started()))
		}
		runtime.GC()
		alive := 0
		for _, w := range all {
			if w.Value() != nil {
				alive++
			}
		}
		if alive > maxLive+1 {
			t.Errorf("%d spans are still held, want %d at most", alive, maxLive+1)
		}
		if all[0].Value() == nil {
			t.Error("the outermost has been forgotten")
		}
		if &all[999].Value().ActiveSpan != CurrentActive() {
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
		for range 10 * maxLive {
			next := started()
			last.Leave()
			wantLive(t, next)
			last = next
		}
		last.Leave()
		wantLive(t, root)
		root.Leave()
		s.Life().End()
		ambient.Set(ambient.Slot{})
	})
}

func TestSpansNestedPastTheBoundLeaveWhatIsSetAlone(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		var k bindings.Key
		bindings.InitKey[int](&k, "k")
		root := started()
		var down func(depth int)
		down = func(depth int) {
			if depth > 3*maxLive {
				return
			}
			before := ambient.Get()
			defer ambient.Set(before)
			ambient.Set(With(before, &k, depth))
			a := started()
			wantLive(t, a)
			down(depth + 1)
			if depth > 2*maxLive+2 { // those before were forgotten
				wantLive(t, a)
			}
			a.Leave()
			if h := Current().Find(&k); h == nil || *bindings.ValueOf[int](h) != depth {
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
		pprof.Do(FromAmbient(), pprof.Labels("user", "ada"), func(context.Context) {
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
		if Parent() != &a.plain.Span {
			t.Error("the parent is not the active span")
		}
		a.note(ended)
		if Parent() != nil {
			t.Error("outside requests a span that has ended is a parent")
		}
		a.Leave()
	})
	clean(t, func() {
		s := opened(t)
		a := started()
		b := started()
		c := started()
		elsewhere(a.Leave) // not on top
		if Parent() != &c.plain.Span {
			t.Error("the parent is not the live span")
		}
		c.Leave()
		if Parent() != &b.plain.Span {
			t.Error("the parent is not the nearest live span")
		}
		inherited, ended := make(chan *Span), make(chan struct{})
		go func() {
			<-ended
			inherited <- Parent()
		}()
		b.Leave()
		close(ended)
		if p := <-inherited; p == nil || p == &a.plain.Span || p == &b.plain.Span {
			t.Error("in a request whose spans have ended what is left of the outermost is not the parent")
		}
		s.SetLinger(0)
		s.Life().End()
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
