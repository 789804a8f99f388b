// SPDX-License-Identifier: Apache-2.0

package spanstore

import (
	"context"
	"time"
)

// What is held and what is on its way share half of WithMaxBytes: a body and a request at their largest,
// and a sixteenth for others beside them. What is on its way comes first. The rest is for looking at it. So
// when all of it is used, and Go's garbage collector lets the heap double, as it does by default, a
// process that does nothing else stays under twice of WithMaxBytes.
const (
	allParts     = 16
	sharedParts  = 8
	bodyParts    = 4
	requestParts = 3
	smallParts   = 2 // of small bodies on their way, all together
)

// LargestBody is how large an export may be, where maxBytes is the bound of all.
func LargestBody(maxBytes int) int { return maxBytes / allParts * bodyParts }

// Reservation is what one export takes while it is on its way: the bytes that were read, decompressed and
// decoded of it. The zero value holds nothing; it is used by one goroutine.
type Reservation struct {
	store *Store
	bytes int
	small int // those of them that count as a small body's
}

// Reserve returns a hold of what r has room for.
func (r *Store) Reserve() Reservation { return Reservation{store: r} }

// Grow takes n more at once: for what the inspector has a bound of its own on, such as large bodies, of
// which there is one at a time.
func (h *Reservation) Grow(n int) {
	r := h.store
	r.mu.Lock()
	defer r.mu.Unlock()
	h.bytes += n
	r.flight += n
	r.makeRoom()
}

// GrowSmall takes n more when all small bodies together leave room for it, and reports whether they did
// in time.
func (h *Reservation) GrowSmall(ctx context.Context, n int, wait time.Duration) bool {
	r := h.store
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		freed, ok := r.takeSmall(h, n)
		if ok {
			return true
		}
		select {
		case <-freed:
		case <-timeout.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

func (r *Store) takeSmall(h *Reservation, n int) (freed <-chan struct{}, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.small > 0 && r.small+n > r.maxBytes/allParts*smallParts {
		return r.freed, false
	}
	h.bytes, h.small = h.bytes+n, h.small+n
	r.flight, r.small = r.flight+n, r.small+n
	r.makeRoom()
	return nil, true
}

// Release gives all of it back.
func (h *Reservation) Release() {
	r := h.store
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flight -= h.bytes
	if h.small > 0 {
		r.small -= h.small
		close(r.freed)
		r.freed = make(chan struct{})
	}
	h.bytes, h.small = 0, 0
}

// makeRoom evicts what is over the bound.
func (r *Store) makeRoom() {
	for r.order.Len() > 0 && r.bytes+r.flight > r.maxBytes/allParts*sharedParts {
		r.evict(r.order.Front().Value.(*Entry))
	}
}
