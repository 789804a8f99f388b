// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"time"
)

// What is held and what is on its way share five eighths of WithMaxBytes: what is on its way comes
// first. The rest is for looking at it, and for what is garbage and not collected yet.
const (
	sharedParts = 5
	allParts    = 8
	smallShare  = 8 // of small bodies on their way, all together: an eighth
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
	if r.small > 0 && r.small+n > r.maxBytes/smallShare {
		return r.freed, false
	}
	h.bytes, h.small = h.bytes+n, h.small+n
	r.flight, r.small = r.flight+n, r.small+n
	r.makeRoom()
	return nil, true
}

// shrink gives n back, release all of it.
func (h *hold) shrink(n int) {
	r := h.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle(h, n)
}

func (h *hold) release() { h.shrink(h.bytes) }

func (r *ring) settle(h *hold, n int) {
	h.bytes -= n
	r.flight -= n
	if small := min(h.small, n); small > 0 {
		h.small -= small
		r.small -= small
		close(r.freed)
		r.freed = make(chan struct{})
	}
}

// makeRoom evicts what is over the bound.
func (r *ring) makeRoom() {
	for r.order.Len() > 0 && r.bytes+r.flight > r.maxBytes/allParts*sharedParts {
		r.evict(r.order.Front().Value.(*entry))
	}
}
