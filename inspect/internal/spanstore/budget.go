// SPDX-License-Identifier: Apache-2.0

package spanstore

import (
	"context"
	"time"
)

// Held data and data being received share half of WithMaxBytes: a body and a request at their
// largest, and a sixteenth for others beside them. Data being received comes first. The other half
// is for looking at the data. So when all of it is used, and Go's garbage collector lets the heap
// double, as it does by default, a process that does nothing else stays under twice WithMaxBytes.
const (
	allParts     = 16
	sharedParts  = 8
	bodyParts    = 4
	requestParts = 3
	smallParts   = 2 // of small bodies being received, all together
)

// LargestBody returns the maximum size of an export, for maxBytes in total.
func LargestBody(maxBytes int) int { return maxBytes / allParts * bodyParts }

// Reservation is the memory of one export while it is being received: the bytes that were read,
// decompressed and decoded. The zero value holds nothing. One goroutine uses it.
type Reservation struct {
	store *Store
	bytes int
	small int // those of them that belong to small bodies
}

// Reserve returns an empty Reservation of r's budget.
func (r *Store) Reserve() Reservation { return Reservation{store: r} }

// Grow takes n more bytes at once, for data that the inspector bounds itself, such as large bodies,
// of which there is one at a time.
func (h *Reservation) Grow(n int) {
	r := h.store
	r.mu.Lock()
	defer r.mu.Unlock()
	h.bytes += n
	r.flight += n
	r.makeRoom()
}

// GrowSmall takes n more bytes when all small bodies together leave room for them, and reports
// whether that was so in time.
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

// makeRoom evicts what exceeds the bound.
func (r *Store) makeRoom() {
	for r.order.Len() > 0 && r.bytes+r.flight > r.maxBytes/allParts*sharedParts {
		r.evict(r.order.Front().Value.(*Entry))
	}
}
