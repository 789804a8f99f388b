// SPDX-License-Identifier: Apache-2.0

package expiry

import (
	"math/bits"
	"sync"
	"time"
	"weak"
)

// releaseLater releases t, which ended ago before now, when its linger is over, if it is still
// alive then.
func (t *Term) releaseLater(now time.Time, ago time.Duration) {
	r := t.request.Load()
	if r == nil {
		return
	}
	switch linger := r.linger.get(); {
	case linger < 0:
	case linger <= ago:
		t.release()
	case inBubble(now):
		w := weak.Make(t)
		time.AfterFunc(linger-ago, func() { releaseIfDue(w) })
	default:
		batches.add(t, now, linger-ago)
	}
}

func releaseIfDue(w weak.Pointer[Term]) {
	if t := w.Value(); t != nil && t.Expired() {
		t.release()
	}
}

// inBubble reports whether the clock is testing/synctest's: a timer of one bubble must not be
// touched from outside it, so nothing is shared there. That clock has no monotonic reading, and
// starts in 2000. Rejected: the year alone, which fails in a bubble that sleeps for long. A machine
// whose clock is off by decades just shares nothing either.
func inBubble(now time.Time) bool { return now == now.Round(0) || now.Before(bubblesEnd) }

var bubblesEnd = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// batches share a timer among the requests that are due at about the same time: at 2000 requests a
// second and five minutes of linger, a timer each would be 600 000 timers.
var batches = registry{due: map[int64]*batch{}}

// registry finds, when a linger is over, the terms that are still alive. It is keyed by the time
// when they are due, not by their linger, of which there may be as many as requests.
type registry struct {
	mu  sync.Mutex
	due map[int64]*batch // ticks
}

type batch struct{ terms *[]weak.Pointer[Term] }

// maxWindow bounds how much later than its linger a term is released: 8.6 seconds.
const maxWindow = 1 << 33

// window returns by how much a release may be late, a power of two, so that windows of different
// lingers have the same ends.
func window(linger time.Duration) int64 {
	w := int64(1) << (bits.Len64(uint64(linger)|16) - 5)
	return min(w, maxWindow)
}

func (r *registry) add(t *Term, now time.Time, linger time.Duration) {
	w := window(linger)
	due := (ticks(now) + int64(linger) + w - 1) &^ (w - 1)
	if due < 0 { // the linger exceeds the range of time
		return
	}
	p := weak.Make(t)
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.due[due]
	if b == nil {
		b = new(batch)
		r.due[due] = b
		time.AfterFunc(time.Duration(due-ticks(now)), func() { r.release(due) })
	}
	b.terms = AppendLiving(b.terms, p)
}

func (r *registry) release(due int64) {
	r.mu.Lock()
	b := r.due[due]
	delete(r.due, due)
	r.mu.Unlock()
	for _, w := range *b.terms {
		releaseIfDue(w)
	}
}
