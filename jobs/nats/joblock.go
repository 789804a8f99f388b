// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"sync"
	"time"
)

// jobLock lets jobs run beside each other, or one alone.
type jobLock struct {
	mu      sync.Mutex
	running int           // beside each other
	alone   bool          // one runs alone
	waiting int           // for being alone: before them no other begins
	shut    bool          // for good
	changed chan struct{} // closed at the next change, nil if no job waits for one
}

// wait returns when ok, with the mutex locked; false if stop or late comes first, or
// the lock is shut.
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

// change wakes who waits. The mutex is locked.
func (l *jobLock) change() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// enter lets a job run beside others; not if stop is done before its turn, or the
// lock is shut.
func (l *jobLock) enter(stop <-chan struct{}) bool {
	ok := l.wait(stop, nil, func() bool { return !l.alone && l.waiting == 0 })
	if ok {
		l.running++
	}
	l.mu.Unlock()
	return ok
}

// enterAlone lets a job run alone, or beside others if they take longer than
// patience; not at all if stop is done first, or the lock is shut.
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

// join lets others run beside the one that was alone.
func (l *jobLock) join() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alone = false
	l.running++
	l.change()
}

// close shuts the lock: no job begins any more.
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

// leave is the end of a job.
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
