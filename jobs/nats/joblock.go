// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"sync"
	"time"
)

// jobLock lets jobs run concurrently, or one job alone.
type jobLock struct {
	mu      sync.Mutex
	running int           // concurrently
	alone   bool          // one job runs alone
	waiting int           // to run alone: until they have, no other job begins
	shut    bool          // for good
	changed chan struct{} // closed at the next change; nil if no job waits for one
}

// wait returns true, with the mutex locked, when ok returns true. It returns false if stop or late
// comes first, or the lock is shut.
func (l *jobLock) wait(stop <-chan struct{}, late <-chan time.Time, ok func() bool) bool {
	l.mu.Lock()
	for !l.shut && !ok() {
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
			l.mu.Lock()
		case <-stop:
			l.mu.Lock()
			return false
		case <-late:
			l.mu.Lock()
			return false
		}
	}
	return !l.shut
}

// change wakes the waiting jobs. The mutex must be locked.
func (l *jobLock) change() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// enter lets a job run concurrently with others. It returns false if stop is done before its turn,
// or the lock is shut.
func (l *jobLock) enter(stop <-chan struct{}) bool {
	ok := l.wait(stop, nil, func() bool { return !l.alone && l.waiting == 0 })
	if ok {
		l.running++
	}
	l.mu.Unlock()
	return ok
}

// enterAlone lets a job run alone, or concurrently if the other jobs take longer than patience. It
// returns entered false if stop is done first, or the lock is shut.
func (l *jobLock) enterAlone(stop <-chan struct{}, patience time.Duration) (alone, entered bool) {
	late := time.NewTimer(patience)
	defer late.Stop()
	l.mu.Lock()
	l.waiting++
	l.mu.Unlock()
	alone = l.wait(stop, late.C, func() bool { return !l.alone && l.running == 0 })
	defer l.mu.Unlock()
	l.waiting--
	defer l.change()
	if alone {
		l.alone = true
		return true, true
	}
	select {
	case <-stop:
		return false, false
	default:
	}
	if l.shut {
		return false, false
	}
	l.running++
	return false, true
}

// join lets other jobs run concurrently with the one that was alone.
func (l *jobLock) join() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alone = false
	l.running++
	l.change()
}

// close shuts the lock: no more jobs begin.
func (l *jobLock) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = true
	l.change()
}

// closed reports whether the lock is shut.
func (l *jobLock) closed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shut
}

// leave ends a job.
func (l *jobLock) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.alone {
		l.alone = false
	} else {
		l.running--
	}
	l.change()
}
