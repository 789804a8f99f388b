// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"sync"
	"time"
)

// gate lets jobs run beside each other, or one alone.
type gate struct {
	mu      sync.Mutex
	running int           // beside each other
	alone   bool          // one runs alone
	waiting int           // for being alone: before them no other begins
	shut    bool          // for good
	changed chan struct{} // closed at the next change, nil if no job waits for one
}

// wait returns when ok, with the gate locked; false if stop or late comes first, or
// the gate is shut.
func (g *gate) wait(stop <-chan struct{}, late <-chan time.Time, ok func() bool) bool {
	g.mu.Lock()
	for !g.shut && !ok() {
		if g.changed == nil {
			g.changed = make(chan struct{})
		}
		changed := g.changed
		g.mu.Unlock()
		select {
		case <-changed:
			g.mu.Lock()
		case <-stop:
			g.mu.Lock()
			return false
		case <-late:
			g.mu.Lock()
			return false
		}
	}
	return !g.shut
}

// change wakes who waits. The gate is locked.
func (g *gate) change() {
	if g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}

// enter lets a job run beside others; not if stop is done before its turn, or the
// gate is shut.
func (g *gate) enter(stop <-chan struct{}) bool {
	ok := g.wait(stop, nil, func() bool { return !g.alone && g.waiting == 0 })
	if ok {
		g.running++
	}
	g.mu.Unlock()
	return ok
}

// enterAlone lets a job run alone, or beside others if they take longer than
// patience; not at all if stop is done first, or the gate is shut.
func (g *gate) enterAlone(stop <-chan struct{}, patience time.Duration) (alone, entered bool) {
	late := time.NewTimer(patience)
	defer late.Stop()
	g.mu.Lock()
	g.waiting++
	g.mu.Unlock()
	alone = g.wait(stop, late.C, func() bool { return !g.alone && g.running == 0 })
	defer g.mu.Unlock()
	g.waiting--
	defer g.change()
	if alone {
		g.alone = true
		return true, true
	}
	select {
	case <-stop:
		return false, false
	default:
	}
	if g.shut {
		return false, false
	}
	g.running++
	return false, true
}

// join lets others run beside the one that was alone.
func (g *gate) join() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.alone = false
	g.running++
	g.change()
}

// close shuts the gate: no job begins any more.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	g.change()
}

// closed reports whether the gate is shut.
func (g *gate) closed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut
}

// leave is the end of a job.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.alone {
		g.alone = false
	} else {
		g.running--
	}
	g.change()
}
