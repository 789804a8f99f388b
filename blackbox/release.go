// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	"sync"
	"time"
)

// forget lets go of a trace.
func (s *shard) forget(r *record) {
	delete(s.traces, r.id)
	s.spans -= len(r.spans)
	r.leave()
	r.free()
}

// evict lets go of a trace to make room.
func (s *shard) evict(r *record) {
	if r.in == &s.going {
		s.counts.open.Add(-1)
	}
	s.counts.evicted.Add(1)
	s.counts.lost.Add(int64(len(r.spans)))
	s.forget(r)
}

// sweep lets go of the traces that were held until now, and reports whether more are held.
func (s *shard) sweep(now time.Time) (more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r := s.held.first(); r != nil; r = s.held.first() {
		if r.until.After(now) {
			return true
		}
		s.counts.dropped.Add(int64(len(r.spans)))
		s.forget(r)
	}
	return false
}

// drain empties the shard at shutdown, and returns the requests that have not ended.
func (s *shard) drain() (all []handover) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for r := s.open.first(); r != nil; r = s.open.first() {
		if len(r.spans) > 0 {
			all = append(all, handover{id: r.id, reason: ReasonShutdown, spans: r.spans, lost: r.lost, begins: true})
			s.counts.exported.Add(1)
			s.spans -= len(r.spans)
			r.spans = nil
		}
		s.forget(r)
	}
	for r := s.held.first(); r != nil; r = s.held.first() {
		s.counts.dropped.Add(int64(len(r.spans)))
		s.forget(r)
	}
	return all
}

// sweeper ends the holding of spans by a timer: they must not wait for the next request in a process
// that has become idle.
type sweeper struct {
	box     *Box
	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
}

// arm starts the timer that sweeps the shards, if it is not started yet.
func (w *sweeper) arm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil && !w.stopped {
		w.timer = time.AfterFunc(w.box.config.hold/4+time.Millisecond, w.sweep)
	}
}

func (w *sweeper) sweep() {
	w.mu.Lock()
	w.timer = nil
	w.mu.Unlock()
	more, now := false, time.Now()
	for i := range w.box.shards {
		more = w.box.shards[i].sweep(now) || more
	}
	if more {
		w.arm()
	}
}

func (w *sweeper) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	if w.timer != nil {
		w.timer.Stop()
	}
}
