// SPDX-License-Identifier: Apache-2.0

package expiry

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

func TestLivingDropsTheDeadAndHasRoomForAsManyMore(t *testing.T) {
	t.Parallel()
	var list []weak.Pointer[[64]byte]
	var kept []*[64]byte
	for i := range 100 {
		b := new([64]byte)
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
	if got := living[[64]byte](nil); len(got) != 0 || cap(got) == 0 {
		t.Errorf("of none %d are left, with room for %d", len(got), cap(got))
	}
}

func init() {
	Cut = func(t *Term) bool { return ambient.Cast[held](t).countCut() }
	Release = func(t *Term) { ambient.Cast[held](t).released++ }
}

// held has a Term, and counts.
type held struct {
	Term
	cut, released int
	left          bool
}

func leaving() *held { return &held{left: true} }

func (h *held) countCut() bool { h.cut++; return h.left }

func begun(left bool, linger time.Duration) *held {
	h := &held{left: left}
	h.Init()
	h.Linger().Set(linger)
	h.Begin()
	return h
}

func TestWhatHasNothingLeftAtItsEndIsNotReleasedLater(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		left          bool
		linger        time.Duration
		cut, released int
	}{
		{"something is left, and no linger", true, 0, 1, 1},
		{"nothing is left", false, 0, 1, 0},
		{"something is left for good", true, Forever, 1, 0},
	} {
		h := begun(tt.left, tt.linger)
		h.End()
		if h.cut != tt.cut || h.released != tt.released {
			t.Errorf("%s: cut %d times and released %d times, want %d and %d", tt.name, h.cut, h.released, tt.cut, tt.released)
		}
	}
}

func TestARequestThatIsRunTwiceEndsWithTheLastRun(t *testing.T) {
	t.Parallel()
	h := begun(true, 0)
	h.Begin()
	h.End()
	if h.Ended() || h.cut != 0 {
		t.Error("the request has ended with its first run")
	}
	h.End()
	if !h.Ended() || h.cut != 1 || h.released != 1 {
		t.Error("the request has not ended with its last run")
	}
}

func TestBoundWorkEndsWithItsRequestOrLater(t *testing.T) {
	t.Parallel()
	r := begun(false, 0)
	early, late := leaving(), leaving()
	early.InitBound(&r.Term)
	late.InitBound(&r.Term)
	early.End()
	if early.cut != 0 || early.Expired() {
		t.Error("bound work has been cut before its request")
	}
	r.End()
	if early.cut != 1 || early.released != 1 || late.cut != 0 {
		t.Errorf("cut %d and %d times, released %d times, want 1, 0 and 1", early.cut, late.cut, early.released)
	}
	late.End()
	if late.cut != 1 || late.released != 1 {
		t.Error("bound work that ended after its request was not released")
	}
}

// What inBubble goes by is documented of package synctest, but for what a Time of it looks like.
func TestABubbleIsToldByItsClock(t *testing.T) {
	t.Parallel()
	if inBubble(time.Now()) {
		t.Error("a clock outside of bubbles is taken for that of one")
	}
	synctest.Test(t, func(t *testing.T) {
		if now := time.Now(); !now.Before(bubblesEnd) {
			t.Errorf("a bubble begins at %v; it is to be before bubblesEnd", now)
		}
		for _, d := range []time.Duration{0, time.Hour, 5 * 365 * 24 * time.Hour} {
			if time.Sleep(d); !inBubble(time.Now()) {
				t.Errorf("%v is taken for a time outside of bubbles", time.Now())
			}
		}
	})
}

func TestWhatIsDueAtTheSameTimeSharesATimer(t *testing.T) {
	t.Parallel()
	r := registry{due: map[int64]*batch{}}
	now := time.Now()
	var all []*held
	for i := range 10_000 { // each for another time
		h := begun(true, time.Hour+time.Duration(i)*time.Microsecond)
		all = append(all, h)
		r.add(&h.Term, now, time.Hour+time.Duration(i)*time.Microsecond)
	}
	if len(r.due) > 2 {
		t.Errorf("%d timers for what is due within 10 ms, want 2 at most", len(r.due))
	}
	for due := range r.due {
		if late := due - ticks(now) - int64(time.Hour); late < 0 || late > maxWindow+int64(10*time.Millisecond) {
			t.Errorf("what is due is released %v later", time.Duration(late))
		}
		r.release(due)
	}
	if len(r.due) != 0 {
		t.Error("a batch that is over is still there")
	}
	runtime.KeepAlive(all)
}
