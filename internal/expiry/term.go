// SPDX-License-Identifier: Apache-2.0

package expiry

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// Default is how long inheritors keep a request after its end.
const Default = 5 * time.Minute

// Forever is the linger of a request whose inheritors keep it for good. So is any negative value.
const Forever time.Duration = -1

// The callbacks of the package that has the terms. It sets both before there are any; they are
// called without the lock, on any goroutine.
var (
	// Cut drops what no inheritor needs, and reports whether anything is left to release.
	Cut func(*Term) (left bool)
	// Release drops the rest.
	Release func(*Term)
)

// Term is a lifetime. The zero Term never ends. It is small, because it is all of a request that an
// inheritor keeps.
type Term struct {
	request atomic.Pointer[Term] // for bound work: the request it is done for, nil once that is forgotten; for a request: itself
	linger  Linger
	ended   atomic.Int64 // ticks; 0: not ended yet

	mu    sync.Mutex
	runs  int32 // that have not returned
	flags atomic.Uint32
	bound *[]weak.Pointer[Term] // bound work that ended before the request did
}

// The flags of a Term.
const (
	released = 1 << iota // and it has not begun again since
	seen                 // its release is scheduled, and it has not begun again since
	told
)

// Init makes t, which must be zero, the term of a request.
func (t *Term) Init() { t.request.Store(t) }

// InitBound makes t, which must be zero, the term of bound work, which has begun.
func (t *Term) InitBound(request *Term) { t.request.Store(request) }

// Linger returns how long inheritors keep the request after its end.
func (t *Term) Linger() *Linger { return &t.linger }

// Linger is how long inheritors keep what has ended. The zero Linger is Default.
type Linger struct{ after atomic.Int64 } // negative: for good; 0: Default; else one more than the duration

// Set sets the linger to d.
func (l *Linger) Set(d time.Duration) {
	if d >= 0 && d < math.MaxInt64 {
		d++
	}
	l.after.Store(int64(d))
}

// Default sets it to m's, unless it is set. A caller that sets both sets m first.
func (l *Linger) Default(m *Linger) {
	if d := m.after.Load(); d != 0 {
		l.after.CompareAndSwap(0, d)
	}
}

func (l *Linger) get() time.Duration {
	switch d := time.Duration(l.after.Load()); {
	case d == 0:
		return Default
	case d > 0:
		return d - 1
	}
	return Forever
}

// start is the zero of ticks. Ticks are monotonic, and in a synctest bubble they follow its clock.
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
	if t.Ended() { // the first time, it has no flag either
		t.flags.And(^uint32(released | seen))
		t.ended.Store(0)
	}
}

// End ends bound work, or a run of a request, and the request with its last run.
func (t *Term) End() {
	now := time.Now()
	if t.OfRequest() {
		if bound, last := t.returned(now); last {
			t.over(now, bound)
		}
		return
	}
	t.flags.Or(seen) // the request schedules its release
	t.ended.Store(ticks(now))
	if !t.request.Load().adopt(t) {
		t.flags.And(^uint32(seen))
		t.over(now, nil)
	}
}

// OfRequest reports whether t belongs to a request, rather than to bound work.
func (t *Term) OfRequest() bool { return t.request.Load() == t }

// returned counts a run of the request that has returned. It reports whether that was the last and
// so ended the request, and returns the request's bound work that had ended before.
func (t *Term) returned(now time.Time) (bound []weak.Pointer[Term], last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.runs--; t.runs > 0 {
		return nil, false
	}
	t.ended.Store(ticks(now))
	if t.bound != nil {
		bound = slices.Clone(*t.bound)
	}
	return bound, true
}

// adopt makes the request cut and release bound work when its own time comes. It returns false if
// that has come.
func (t *Term) adopt(bound *Term) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Ended() {
		return false
	}
	t.bound = AppendLiving(t.bound, weak.Make(bound))
	return true
}

// over cuts what has ended, together with the bound work that ended before, and schedules its
// release.
func (t *Term) over(now time.Time, bound []weak.Pointer[Term]) {
	left := Cut(t)
	for _, w := range bound {
		if b := w.Value(); b != nil && Cut(b) {
			left = true
		}
	}
	if left {
		t.Keep(now)
		return
	}
	for _, w := range bound {
		if b := w.Value(); b != nil {
			b.flags.And(^uint32(seen))
		}
	}
}

// Keep schedules the release of t, which may have ended: a term that has nothing left at its end is
// not tracked any more, until something is added to it.
func (t *Term) Keep(now time.Time) {
	t.mu.Lock()
	ended := t.ended.Load()
	if ended == 0 || t.flags.Or(seen)&seen != 0 {
		t.mu.Unlock()
		return
	}
	t.mu.Unlock()
	t.releaseLater(now, time.Duration(ticks(now)-ended))
}

// Ongoing reports the opposite of Ended. The compiler expects the condition of an if to be true,
// and !Ended does not tell it that.
func (t *Term) Ongoing() bool { return t.ended.Load() == 0 }

// Ended reports whether the work has returned.
func (t *Term) Ended() bool { return t.ended.Load() != 0 }

// Expired reports whether t and its request ended longer ago than the linger.
func (t *Term) Expired() bool {
	ended := t.ended.Load()
	if ended == 0 {
		return false
	}
	r := t.request.Load()
	if r == nil {
		return true
	}
	if r != t {
		end := r.ended.Load()
		if end == 0 {
			return false
		}
		ended = max(ended, end)
	}
	linger := r.linger.get()
	return linger >= 0 && ticks(time.Now())-ended >= int64(linger)
}

// Lock keeps t from being cut and released until Unlock.
func (t *Term) Lock() { t.mu.Lock() }

// Unlock undoes Lock.
func (t *Term) Unlock() { t.mu.Unlock() }

// Released reports, under the lock, whether what t holds was released, and will not be released
// again.
func (t *Term) Released() bool { return t.flags.Load()&released != 0 }

// FirstLate reports whether this is the first read after t's request expired; it returns true once.
func (t *Term) FirstLate() bool {
	r := t.request.Load()
	return r != nil && r.flags.Or(told)&told == 0
}

// Told reports whether FirstLate has returned true.
func (t *Term) Told() bool {
	r := t.request.Load()
	return r == nil || r.flags.Load()&told != 0
}

// Forget drops the request of bound work that was released.
func (t *Term) Forget() {
	if !t.OfRequest() {
		t.request.Store(nil)
	}
}

// release drops what t holds. Bound work that still runs keeps its own: it holds the values
// themselves. A request that was begun again meanwhile is released after that run.
func (t *Term) release() {
	t.mu.Lock()
	if !t.Ended() {
		t.mu.Unlock()
		return
	}
	t.flags.Or(released)
	var bound []weak.Pointer[Term]
	if t.bound != nil {
		bound = *t.bound
	}
	t.bound = nil
	t.mu.Unlock()
	Release(t)
	for _, w := range bound {
		if b := w.Value(); b != nil {
			b.release()
		}
	}
}

// AppendLiving appends w to list, which may be nil, and returns the list. When the list is full, it
// drops the dead pointers, so that this costs each addition the same.
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
