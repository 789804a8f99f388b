// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"runtime"
	"testing"
	"time"
	"weak"
)

// ended returns a scope whose run returned at the time given, in r.
func (r *registry) ended(now time.Time) *Scope {
	s := new(Scope)
	s.Init(nil)
	s.ended.Store(ticks(now))
	r.add(s, now, time.Hour)
	return s
}

// await runs collections until done, or gives up.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 100 {
		if done() {
			return
		}
		runtime.GC()
		runtime.Gosched()
	}
	t.Error(what)
}

func newRegistry() *registry { return &registry{open: map[time.Duration]*batch{}} }

func (r *registry) counts() (groups, scopes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.open[time.Hour]
	return len(b.groups), len(b.scopes)
}

func TestScopesThatNobodyHoldsAreCollectedWithTheirGroup(t *testing.T) {
	t.Parallel()
	r, now := newRegistry(), time.Now()
	var list []weak.Pointer[Scope]
	for range 3*groupSize + 1 {
		list = append(list, weak.Make(r.ended(now)))
	}
	if groups, _ := r.counts(); groups < 4 {
		t.Errorf("%d groups", groups)
	}
	for i, w := range list {
		await(t, "a scope is held", func() bool { return w.Value() == nil })
		if t.Failed() {
			t.Fatalf("the one of number %d", i)
		}
	}
	await(t, "the registry remembers the dead", func() bool {
		groups, scopes := r.counts()
		return groups == 0 && scopes == 0
	})
}

func TestAScopeThatLivesOnDoesNotKeepTheOthersOfItsGroup(t *testing.T) {
	t.Parallel()
	r, now := newRegistry(), time.Now().Add(-time.Hour)
	kept := r.ended(now)
	var others []weak.Pointer[Scope]
	for range groupSize - 1 {
		others = append(others, weak.Make(r.ended(now)))
	}
	for _, w := range others {
		await(t, "a neighbour is held", func() bool { return w.Value() == nil })
	}
	r.mu.Lock()
	b := r.open[time.Hour]
	alive := b.members()
	r.mu.Unlock()
	if len(alive) != 1 || alive[0] != kept {
		t.Errorf("%d are alive, want the one that is held", len(alive))
	}
	v := new(Values)
	kept.cell.set(v)
	r.expire(time.Hour, b)
	if kept.cell.load() != nil {
		t.Error("it has not expired after it was parted from its group")
	}
	if got := b.members(); len(got) != 0 {
		t.Errorf("the batch still has %d after it was released", len(got))
	}
}

func TestScopesThatWereNotCollectedYetExpireInTheirGroup(t *testing.T) {
	t.Parallel()
	r, now := newRegistry(), time.Now().Add(-time.Hour)
	s := []*Scope{r.ended(now), r.ended(now)}
	for _, s := range s {
		s.cell.set(new(Values))
	}
	r.expire(time.Hour, r.open[time.Hour])
	for _, s := range s {
		if s.cell.load() != nil {
			t.Error("one has not expired")
		}
	}
}

// A collection that is under way while the last scope joins says nothing about it:
// only what was there when one was heard of, and is there at the next, is split.
func TestAGroupIsSplitByTheSecondCollectionThatIsHeardOf(t *testing.T) {
	t.Parallel()
	r := &registry{open: map[time.Duration]*batch{}, armed: true}
	s := r.ended(time.Now())
	r.mu.Lock() // the test is the collector, and others wait
	defer r.mu.Unlock()
	b := r.open[time.Hour]
	want := func(groups, scopes, live int) {
		t.Helper()
		if len(b.groups) != groups || len(b.scopes) != scopes || len(r.live) != live {
			t.Errorf("%d groups, %d scopes and %d batches, want %d, %d and %d",
				len(b.groups), len(b.scopes), len(r.live), groups, scopes, live)
		}
	}
	for _, scopes := range []int{0, 1, 1} {
		for _, b := range r.live {
			for b.split() {
			}
		}
		r.await()
		want(1-scopes, scopes, 1-scopes)
	}
	r.mu.Unlock()
	again := r.ended(time.Now())
	r.mu.Lock()
	want(1, 1, 1)
	runtime.KeepAlive(s)
	runtime.KeepAlive(again)
}

func TestHoweverManyGroupsLiveOnAllAreSplitWhileRequestsEnd(t *testing.T) {
	t.Parallel()
	r := &registry{open: map[time.Duration]*batch{}, armed: true}
	var held []*Scope
	end := func(n int) {
		for range n {
			held = append(held, r.ended(time.Now()))
		}
	}
	const n = 3*splitSome + 1
	end(n * groupSize)
	for range 2 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.collected()
		}()
		end(groupSize)
		<-done
	}
	groups, scopes := r.counts()
	if scopes < n*groupSize || groups*groupSize+scopes < len(held) {
		t.Errorf("%d groups and %d scopes of %d", groups, scopes, len(held))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if got := len(r.open[time.Hour].members()); got != len(held) {
		t.Errorf("%d of %d are found", got, len(held))
	}
	if len(r.live) > 1 { // a collection that comes by may have looked at all of it
		t.Errorf("%d batches are looked at", len(r.live))
	}
	runtime.KeepAlive(held)
}
