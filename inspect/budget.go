// SPDX-License-Identifier: Apache-2.0

package inspect

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

// hold is what one export takes while it is on its way: the bytes that were read, decompressed and
// decoded of it. The zero value holds nothing; it is used by one goroutine.
type hold struct {
	ring  *ring
	bytes int
	small int // those of them that count as a small body's
}

// grow takes n more at once: for what the inspector has a bound of its own on, such as large bodies, of
// which there is one at a time.
func (h *hold) grow(n int) {
	r := h.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	h.bytes += n
	r.flight += n
	r.makeRoom()
}

// growSmall takes n more when all small bodies together leave room for it, and reports whether they did
// in time.
func (h *hold) growSmall(ctx context.Context, n int, wait time.Duration) bool {
	r := h.ring
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

func (r *ring) takeSmall(h *hold, n int) (freed <-chan struct{}, ok bool) {
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

// release gives all of it back.
func (h *hold) release() {
	r := h.ring
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
func (r *ring) makeRoom() {
	for r.order.Len() > 0 && r.bytes+r.flight > r.maxBytes/allParts*sharedParts {
		r.evict(r.order.Front().Value.(*entry))
	}
}
