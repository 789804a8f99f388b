// SPDX-License-Identifier: Apache-2.0

package logging

import "sync"

// tape is what a flight recorder has of one request.
type tape[K any] struct {
	mu    sync.Mutex
	state tapeState
	reel  *reel[K] // nil: nothing kept
}

type tapeState uint8

const (
	keeping  tapeState = iota
	flushing           // what comes now follows what is being written
	open               // the request has failed: lines are written as they come
	closed             // the request has ended well: lines are dropped
)

// keep lets fill keep a line. It returns open or closed where it is too late.
func (t *tape[K]) keep(p *reels[K], limit int, fill func(*K)) tapeState {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state >= open {
		return t.state
	}
	if t.reel == nil {
		t.reel = p.get()
	}
	fill(t.reel.next(limit))
	return keeping
}

// flush writes what was kept. The lock is not held while a line is written: cores
// may log themselves.
func (t *tape[K]) flush(p *reels[K], write func(k *K, lost int)) {
	if !t.swap(keeping, flushing) {
		return
	}
	defer t.swap(flushing, open) // where a core has ended the goroutine
	for r := t.take(); r != nil; r = t.take() {
		r.each(write)
		p.put(r)
	}
}

// take returns what was kept since the last take; the tape is open once that is
// nothing.
func (t *tape[K]) take() *reel[K] {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.reel
	if t.reel = nil; r == nil {
		t.state = open
	}
	return r
}

// forget drops what was kept, unless it has been written already.
func (t *tape[K]) forget(p *reels[K]) {
	if !t.swap(keeping, closed) {
		return
	}
	t.mu.Lock()
	r := t.reel
	t.reel = nil
	t.mu.Unlock()
	p.put(r)
}

func (t *tape[K]) swap(from, to tapeState) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state != from {
		return false
	}
	t.state = to
	return true
}
