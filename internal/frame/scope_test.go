// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"runtime"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// opened returns a scope that is open on the calling goroutine.
func opened(t *testing.T) *Scope {
	t.Helper()
	s := new(Scope)
	s.Init(nil)
	slot, _ := s.Open(t.Context(), ambient.Get())
	ambient.Set(slot)
	return s
}

func TestFramesOfManyNestedRunsShareBlocksAndAreAllClearedAtOnce(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		s := opened(t)
		var k Key
		InitKey[int](&k, "k")
		outer := ambient.Get()
		frames := make([]*Frame, 10*blockSize)
		for i := range frames {
			ambient.Set(With(outer, &k, i))
			frames[i] = ambient.Current[Payload]()
		}
		for i, f := range frames {
			if h := f.Payload.Values().Lookup(&k); h == nil || *ValueOf[int](h) != i {
				t.Errorf("frame %d has another's value", i)
			}
		}
		if got, want := len(s.holds().blocks), len(frames)/blockSize; got != want {
			t.Errorf("%d blocks for %d frames, want %d", got, len(frames), want)
		}
		s.SetLinger(0)
		s.End()
		for i, f := range frames {
			if f.Payload.Values() != nil || f.Payload.cell.load() != nil {
				t.Errorf("frame %d still leads to its values", i)
			}
		}
		ambient.Set(ambient.Slot{})
	})
}

func TestAFrameThatIsMadeJustAsItsRequestExpiresHoldsNothing(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		s := opened(t)
		s.SetLinger(0)
		late := read(ambient.Get())
		early := read(late.inScope(new(Values), nil))
		s.End()
		for name, st := range map[string]*state{"the request's frame": &late, "one nested in it": &early} {
			v := new(Values)
			f := ambient.Of[Payload](st.inScope(v, nil))
			if f.Payload.cell.load() == v || f.Payload.Values() != nil {
				t.Errorf("over %s a new one leads to its values", name)
			}
		}
		if nothing.load() != nil {
			t.Error("something was stored for all")
		}
		ambient.Set(ambient.Slot{})
	})
}

func TestARequestForgetsTheBlocksOfRunsThatAreOver(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	clean(t, func() {
		s := opened(t)
		var k Key
		InitKey[int](&k, "k")
		outer := ambient.Get()
		for range 20 {
			for i := range 1000 {
				With(outer, &k, i)
			}
			runtime.GC()
		}
		if got := len(s.holds().blocks); got > 2000 {
			t.Errorf("%d blocks after 20 cycles of 250", got)
		}
		s.End()
		ambient.Set(ambient.Slot{})
	})
}

func TestLivingDropsTheDeadAndHasRoomForAsManyMore(t *testing.T) {
	t.Parallel()
	var list []weak.Pointer[block]
	var kept []*block
	for i := range 100 {
		b := new(block)
		if i%2 == 0 {
			kept = append(kept, b)
		}
		list = append(list, weak.Make(b))
	}
	runtime.GC()
	list = living(list)
	if len(list) != len(kept) || cap(list) < 2*len(kept) {
		t.Errorf("%d of %d are left, with room for %d", len(list), len(kept), cap(list))
	}
	for i, w := range list {
		if w.Value() != kept[i] {
			t.Errorf("%d is another", i)
		}
	}
	if got := living[block](nil); len(got) != 0 || cap(got) == 0 {
		t.Errorf("of none %d are left, with room for %d", len(got), cap(got))
	}
}

func TestScopesThatEndAtAboutTheSameTimeShareATimer(t *testing.T) {
	t.Parallel()
	r := registry{open: map[time.Duration]*batch{}}
	now := time.Now()
	var scopes []*Scope
	add := func(at time.Duration, linger time.Duration) {
		s := new(Scope)
		scopes = append(scopes, s)
		r.add(s, now.Add(at), linger)
	}
	add(0, time.Hour)
	first := r.open[time.Hour]
	add(9*time.Second, time.Hour)
	if r.open[time.Hour] != first || len(first.members()) != 2 {
		t.Error("two that end within the window have timers of their own")
	}
	add(11*time.Second, time.Hour)
	if r.open[time.Hour] == first || len(r.open[time.Hour].members()) != 1 {
		t.Error("one that ends after the window has joined it")
	}
	add(0, time.Minute)
	if len(r.open) != 2 {
		t.Error("two of different lingers share a timer")
	}
	r.expire(time.Hour, first)
	if len(r.open) != 2 {
		t.Error("a batch has taken another's place")
	}
	r.expire(time.Hour, r.open[time.Hour])
	if len(r.open) != 1 {
		t.Error("a batch that is over is still open")
	}
	runtime.KeepAlive(scopes)
}

func TestFramesMadeWhileTheRequestExpiresReadTheirOwnValueOrNone(t *testing.T) {
	t.Parallel()
	onlyAmbient(t)
	for range 200 {
		clean(t, func() {
			s := opened(t)
			s.SetLinger(0)
			var k Key
			InitKey[int](&k, "k")
			var wg sync.WaitGroup
			for i := range 3 {
				wg.Go(func() {
					for range 20 {
						outer := ambient.Get()
						ambient.Set(With(outer, &k, i))
						if h := Current().Lookup(&k); h != nil && *ValueOf[int](h) != i {
							t.Errorf("a frame has the value %d, want %d or none", *ValueOf[int](h), i)
						}
						ambient.Set(outer)
					}
				})
			}
			s.End()
			wg.Wait()
			ambient.Set(ambient.Slot{})
		})
	}
}
