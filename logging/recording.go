// SPDX-License-Identifier: Apache-2.0

package logging

import "sync"

// recording is what a flight recorder has of one request.
type recording[K any] struct {
	mu    sync.Mutex
	state recordingState
	ring  *ring[K] // nil: nothing kept
}

type recordingState uint8

const (
	keeping  recordingState = iota
	flushing                // what comes now follows what is being written
	open                    // the request has failed: lines are written as they come
	closed                  // the request has ended well: lines are dropped
)

// keep lets fill keep a line. It returns open or closed where it is too late.
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

// flush writes what was kept. The lock is not held while a line is written: cores
// may log themselves.
func (t *recording[K]) flush(p *ringPool[K], write func(k *K, lost int)) {
	if !t.swap(keeping, flushing) {
		return
	}
	defer t.swap(flushing, open) // where a core has ended the goroutine
	for r := t.take(); r != nil; r = t.take() {
		r.each(write)
		p.put(r)
	}
}

// take returns what was kept since the last take; the recording is open once that is
// nothing.
func (t *recording[K]) take() *ring[K] {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.ring
	if t.ring = nil; r == nil {
		t.state = open
	}
	return r
}

// forget drops what was kept, unless it has been written already.
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
