// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"sync"
	"time"
)

const (
	maxGuesses      = 10               // wrong tokens a client has at once
	guessInterval   = 2 * time.Second  // until it has one more
	maxGuessesOfAll = 100              // of all clients together
	allInterval     = time.Second / 10 // until they have one more
	maxGuessers     = 1024             // clients remembered
)

// throttle counts wrong tokens. Correct ones cost nothing, but beyond the limit they are not looked
// at either: otherwise the answer would reveal them. A client that has presented the correct token
// is not held back for what others do: attackers must not keep exporters out.
type throttle struct {
	mu    sync.Mutex
	all   bucket
	each  map[string]*bucket
	known map[string]struct{} // clients that have presented the correct token
}

func newThrottle() *throttle {
	return &throttle{each: map[string]*bucket{}, known: map[string]struct{}{}}
}

// bucket is empty when the most wrong tokens were presented and no interval has passed since.
type bucket struct {
	spent float64
	at    time.Time
}

func (b *bucket) drain(now time.Time, interval time.Duration) {
	b.spent = max(0, b.spent-float64(now.Sub(b.at))/float64(interval))
	b.at = now
}

func (t *throttle) allows(who string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if b := t.each[who]; b != nil {
		if b.drain(now, guessInterval); b.spent+1 > maxGuesses {
			return false
		}
	}
	t.all.drain(now, allInterval)
	_, known := t.known[who]
	return known || t.all.spent+1 <= maxGuessesOfAll
}

func (t *throttle) right(who string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) < maxGuessers {
		t.known[who] = struct{}{}
	}
}

func (t *throttle) wrong(who string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	t.all.drain(now, allInterval)
	t.all.spent++
	b := t.each[who]
	if b == nil {
		t.forget(now)
		b = &bucket{at: now}
		t.each[who] = b
	}
	b.drain(now, guessInterval)
	b.spent++
}

// forget makes room for one more client: it drops those that have waited long enough, else any.
func (t *throttle) forget(now time.Time) {
	if len(t.each) < maxGuessers {
		return
	}
	for who, b := range t.each {
		if b.drain(now, guessInterval); b.spent == 0 {
			delete(t.each, who)
		}
	}
	for who := range t.each {
		if len(t.each) < maxGuessers {
			return
		}
		delete(t.each, who)
	}
}
