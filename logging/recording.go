// SPDX-License-Identifier: Apache-2.0

package logging

import "sync"

// recording is what a flight recorder holds of one request.
type recording[K any] struct {
	mu    sync.Mutex
	state recordingState
	ring  *ring[K] // nil: nothing kept
}

type recordingState uint8

const (
	keeping  recordingState = iota
	flushing                // new lines follow those being written
	open                    // the request has failed: lines are written as they come
	closed                  // the request has ended well: lines are dropped
)

// keep calls fill to keep a line. If it is too late for that, it returns open or closed.
func (t *recording[K]) keep(p *ringPool[K], limit int, fill func(*K)) recordingState {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state >= open {
		return t.state
	}
	if t.ring == nil {
		t.ring = p.get()
	}
	fill(t.ring.next(limit))
	return keeping
}

// flush writes the kept lines. The lock is not held while a line is written: cores may log
// themselves.
func (t *recording[K]) flush(p *ringPool[K], write func(k *K, lost int)) {
	if !t.swap(keeping, flushing) {
		return
	}
	defer t.swap(flushing, open) // if a core has ended the goroutine
	for r := t.take(); r != nil; r = t.take() {
		r.each(write)
		p.put(r)
	}
}

// take returns the lines kept since the last take; once there are no more, the recording is open.
func (t *recording[K]) take() *ring[K] {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.ring
	if t.ring = nil; r == nil {
		t.state = open
	}
	return r
}

// forget drops the kept lines, unless they have been written.
func (t *recording[K]) forget(p *ringPool[K]) {
	if !t.swap(keeping, closed) {
		return
	}
	t.mu.Lock()
	r := t.ring
	t.ring = nil
	t.mu.Unlock()
	p.put(r)
}

func (t *recording[K]) swap(from, to recordingState) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state != from {
		return false
	}
	t.state = to
	return true
}
