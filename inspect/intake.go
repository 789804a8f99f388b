// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
)

const (
	maxExports  = 64 // read at once
	maxOfClient = 48 // of one client: the others have at least a quarter
	maxDecoding = 8

	enterWait = 2 * time.Second  // until senders are told to come back
	roomWait  = 5 * time.Second  // the same, if memory is short
	largeWait = 15 * time.Second // the same, if other large bodies are in the way
	grace     = time.Second      // until a sender may be called slow
	slowRate  = 64 << 10         // bytes a second; a slower sender gives way to others
	slowLarge = 1 << 20          // the same for a large body
)

// intake decides whose exports are read. Beyond the limit, a new export takes the place of the
// slowest sender, if there is a slow one. All senders may be slow, and all may have one address, on
// a development machine or behind a proxy.
type intake struct {
	small   int // the maximum size of a small body, in bytes
	large   *place
	buffers sync.Pool // of small bodies

	mu      sync.Mutex
	reading map[*reading]struct{}
	freed   chan struct{} // closed when an export has ended
}

// reading is one export whose body is being read.
type reading struct {
	who   string
	rc    *http.ResponseController
	began time.Time

	mu      sync.Mutex
	since   time.Time // when the part that counts for its rate began
	got     int       // bytes since then
	ended   bool      // its body is complete
	dropped bool      // it had to give way
}

func newIntake(c *config, r *spanstore.Store) *intake {
	return &intake{small: min(c.maxBytes/64, maxPooledBody), reading: map[*reading]struct{}{}, freed: make(chan struct{}), large: newPlace(r)}
}

// enter waits for a place. It returns nil if there was none in time.
func (in *intake) enter(w http.ResponseWriter, r *http.Request) *reading {
	now := time.Now()
	one := &reading{who: clientOf(r), rc: http.NewResponseController(w), began: now, since: now}
	for until := now.Add(enterWait); ; {
		freed, ok := in.admit(one)
		if ok {
			return one
		}
		if !pause(r.Context(), freed, min(time.Until(until), grace/4)) || time.Now().After(until) {
			return nil
		}
	}
}

// pause waits until c is closed, or for d. It reports false when ctx is done.
func pause(ctx context.Context, c <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-c:
	case <-t.C:
	case <-ctx.Done():
		return false
	}
	return true
}

func (in *intake) admit(one *reading) (freed <-chan struct{}, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	mine := 0
	for o := range in.reading {
		if o.who == one.who {
			mine++
		}
	}
	if len(in.reading) >= maxExports || mine >= maxOfClient {
		slowest := in.slowest(one.who, mine >= maxOfClient)
		if slowest == nil {
			return in.freed, false
		}
		slowest.drop()
		delete(in.reading, slowest)
	}
	in.reading[one] = struct{}{}
	return nil, true
}

// slowest returns the sender with the lowest rate, of one client or of all.
func (in *intake) slowest(who string, own bool) (slowest *reading) {
	lowest := float64(slowRate)
	for o := range in.reading {
		if rate := o.rate(); rate < lowest && (!own || o.who == who) {
			slowest, lowest = o, rate
		}
	}
	return slowest
}

func (in *intake) leave(one *reading) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.reading, one)
	close(in.freed)
	in.freed = make(chan struct{})
}

// rate is how many bytes a second have come. For an export that has just begun or has ended, it is
// a rate that does not count as slow.
func (one *reading) rate() float64 {
	one.mu.Lock()
	defer one.mu.Unlock()
	took := time.Since(one.since)
	if took < grace || one.ended {
		return 1 << 40
	}
	return float64(one.got) / took.Seconds()
}

// drop ends the reading: it gives way, and the rest of its body is not read.
func (one *reading) drop() {
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.ended {
		return // it came after all
	}
	one.dropped = true
	_ = one.rc.SetReadDeadline(time.Now())
}

func (one *reading) isDropped() bool {
	one.mu.Lock()
	defer one.mu.Unlock()
	return one.dropped
}

const (
	idleTime = 10 * time.Second // until the next bytes must arrive
	slowest  = 8 << 10          // bytes a second, on average; a slower body takes too long
)

// more is called before each read, with the bytes read since the last call: it sets the deadline
// for the next bytes.
func (one *reading) more(n int) {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.got += n
	if one.dropped || one.ended {
		return
	}
	now := time.Now()
	deadline := now.Add(idleTime)
	if all := one.since.Add(idleTime + time.Duration(one.got)*time.Second/slowest); all.Before(deadline) {
		deadline = all
	}
	_ = one.rc.SetReadDeadline(deadline)
}

// restart makes the rate count from now on.
func (one *reading) restart() {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.since, one.got = time.Now(), 0
}

// end removes the deadline: the server's next read is to notice when the client leaves.
func (one *reading) end() {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.ended = true
	if !one.dropped {
		_ = one.rc.SetReadDeadline(time.Time{})
	}
}
