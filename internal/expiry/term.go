// SPDX-License-Identifier: Apache-2.0

package expiry

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// Default is how long inheritors keep a request after its end.
const Default = 5 * time.Minute

// Forever is the linger of a request whose inheritors keep it for good.
const Forever time.Duration = -1

// Holder is what has a term. Its methods are called without the lock, on any goroutine.
type Holder interface {
	// Cut drops what no inheritor needs, and reports whether anything is left to release.
	Cut() (left bool)
	// Release drops the rest.
	Release()
}

// Term is the time in which something is good. The zero Term never ends.
type Term struct {
	holder  Holder
	request *Term // of bound work: what it is done for; else itself

	ended  atomic.Int64 // ticks; 0: not yet
	linger atomic.Int64

	mu       sync.Mutex
	runs     int32 // that have not returned
	released bool  // and not begun again since
	seen     bool  // to its release, likewise
	told     atomic.Bool
	bound    *[]weak.Pointer[Term] // runs of bound work that ended before the request did
}

// Init makes t, which is zero, the term of a request, which is h.
func (t *Term) Init(h Holder) {
	t.holder, t.request = h, t
	t.linger.Store(int64(Default))
}

// InitBound makes t, which is zero, the term of bound work, which is h, and has begun.
func (t *Term) InitBound(h Holder, request *Term) { t.holder, t.request = h, request }

// SetLinger sets how long inheritors keep the request after its end.
func (t *Term) SetLinger(d time.Duration) { t.linger.Store(int64(d)) }

// start is the zero of ticks. Ticks are monotonic, and in a synctest bubble they
// follow its clock.
var start = time.Now()

func ticks(now time.Time) int64 {
	if t := int64(now.Sub(start)); t != 0 {
		return t
	}
	return 1
}

// Begin begins a run of the request.
func (t *Term) Begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs++
	t.released, t.seen = false, false
	t.ended.Store(0)
}

// End ends bound work, or a run of a request, and the request with its last run.
func (t *Term) End() {
	now := time.Now()
	if t.request == t {
		if t.returned(now) {
			t.over(now)
		}
		return
	}
	t.setSeen(true) // to, by the request
	t.ended.Store(ticks(now))
	if !t.request.adopt(t) {
		t.setSeen(false)
		t.over(now)
	}
}

func (t *Term) setSeen(seen bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = seen
}

// returned counts a run of the request that has returned, and reports whether it
// was the last, and ended the request.
func (t *Term) returned(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.runs--; t.runs > 0 {
		return false
	}
	t.ended.Store(ticks(now))
	return true
}

// adopt makes the request cut and release bound work when its own time comes, and reports
// false if it has come.
func (t *Term) adopt(bound *Term) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Ended() {
		return false
	}
	t.bound = AppendLiving(t.bound, weak.Make(bound))
	return true
}

// over cuts what has ended, and sees to its release.
func (t *Term) over(now time.Time) {
	t.mu.Lock()
	var bound []weak.Pointer[Term]
	if t.bound != nil {
		bound = slices.Clone(*t.bound)
	}
	t.mu.Unlock()
	left := t.holder.Cut()
	for _, w := range bound {
		if b := w.Value(); b != nil && b.holder.Cut() {
			left = true
		}
	}
	if left {
		t.Keep(now)
		return
	}
	for _, w := range bound {
		if b := w.Value(); b != nil {
			b.setSeen(false)
		}
	}
}

// Keep sees to the release of t, which may have ended: what has nothing left at its end is
// not looked for any more, until something is added to it.
func (t *Term) Keep(now time.Time) {
	t.mu.Lock()
	ended := t.ended.Load()
	if ended == 0 || t.seen {
		t.mu.Unlock()
		return
	}
	t.seen = true
	t.mu.Unlock()
	t.releaseLater(now, time.Duration(ticks(now)-ended))
}

// Request returns the term of the request, nil outside.
func (t *Term) Request() *Term { return t.request }

// Ended reports whether the work has returned.
func (t *Term) Ended() bool { return t.ended.Load() != 0 }

// Expired reports whether t and its request ended longer ago than the linger.
func (t *Term) Expired() bool {
	ended := t.ended.Load()
	if ended == 0 {
		return false
	}
	if r := t.request; r != t {
		end := r.ended.Load()
		if end == 0 {
			return false
		}
		ended = max(ended, end)
	}
	linger := t.request.linger.Load()
	return linger >= 0 && ticks(time.Now())-ended >= linger
}

// Lock keeps t from being cut and released until Unlock.
func (t *Term) Lock() { t.mu.Lock() }

// Unlock undoes Lock.
func (t *Term) Unlock() { t.mu.Unlock() }

// Released reports, under the lock, whether what t holds was released, and will not be again.
func (t *Term) Released() bool { return t.released }

// FirstLate reports whether this is the first read after t's request expired; true once.
func (t *Term) FirstLate() bool { return !t.request.told.Swap(true) }

// release drops what t holds. Bound work that still runs keeps its own: it holds the
// values themselves. A request that was begun again meanwhile is released after that run.
func (t *Term) release() {
	t.mu.Lock()
	if !t.Ended() {
		t.mu.Unlock()
		return
	}
	t.released = true
	var bound []weak.Pointer[Term]
	if t.bound != nil {
		bound = *t.bound
	}
	t.bound = nil
	t.mu.Unlock()
	t.holder.Release()
	for _, w := range bound {
		if b := w.Value(); b != nil {
			b.release()
		}
	}
}

// AppendLiving appends w to list, which may be nil, and drops the dead where that is full,
// so that looking for them costs each addition the same. It returns the list.
func AppendLiving[T any](list *[]weak.Pointer[T], w weak.Pointer[T]) *[]weak.Pointer[T] {
	if list == nil {
		list = new([]weak.Pointer[T])
	}
	if len(*list) == cap(*list) {
		*list = living(*list)
	}
	*list = append(*list, w)
	return list
}

// living returns list without its dead pointers, with room for as many more.
func living[T any](list []weak.Pointer[T]) []weak.Pointer[T] {
	kept := make([]weak.Pointer[T], 0, 8)
	for _, w := range list {
		if w.Value() != nil {
			kept = append(kept, w)
		}
	}
	if n := len(kept); 2*n > cap(kept) {
		kept = append(make([]weak.Pointer[T], 0, 2*n), kept...)
	}
	return kept
}
