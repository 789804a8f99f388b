// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"slices"
	"sync"
	"time"
	"weak"
)

// expireLater releases s when its linger is over, if it is still alive by then.
// Reads do not depend on it: they compare the time themselves.
func (s *Scope) expireLater(now time.Time) {
	switch linger := time.Duration(s.request.linger.Load()); {
	case linger < 0:
	case linger == 0:
		s.expire()
	case inBubble(now):
		w := weak.Make(s)
		time.AfterFunc(linger, func() { expireIfDue(w.Value()) })
	default:
		batches.add(s, now, linger)
	}
}

func expireIfDue(s *Scope) {
	if s != nil && s.Expired() {
		s.expire()
	}
}

// inBubble reports whether the clock is testing/synctest's: a timer of one bubble
// must not be touched from outside it, so nothing is shared there. That clock has
// no monotonic reading, and starts in 2000. The year alone was tried, and fails in
// a bubble that sleeps for long. A machine whose clock is off by decades merely
// shares nothing either.
func inBubble(now time.Time) bool { return now == now.Round(0) || now.Before(bubblesEnd) }

var bubblesEnd = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

// batches share a timer among the requests that end close to each other: at 2000
// requests a second and five minutes of linger, a timer each would be 600 000.
var batches = registry{open: map[time.Duration]*batch{}}

// registry finds, when a linger is over, the scopes that are still alive.
type registry struct {
	mu    sync.Mutex
	open  map[time.Duration]*batch
	live  []*batch // that have groups
	armed bool     // to hear of the next collection
}

// batch is what is released at one time.
type batch struct {
	closes time.Time
	groups []weak.Pointer[group]
	seen   int                   // how many of the groups were there at the last collection
	scopes []weak.Pointer[Scope] // that have outlived their group
}

// maxWindow bounds how much later than its linger a scope is released.
const maxWindow = 10 * time.Second

func (r *registry) add(s *Scope, now time.Time, linger time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.open[linger]
	if b == nil || now.After(b.closes) {
		window := min(linger/16, maxWindow)
		b = &batch{closes: now.Add(window)}
		r.open[linger] = b
		time.AfterFunc(linger+window, func() { r.expire(linger, b) })
	}
	if len(b.groups) == 0 && !slices.Contains(r.live, b) {
		r.live = append(r.live, b)
	}
	b.add(s)
	r.arm()
}

func (r *registry) expire(linger time.Duration, b *batch) {
	r.mu.Lock()
	if r.open[linger] == b {
		delete(r.open, linger)
	}
	due := b.members()
	b.groups, b.seen, b.scopes = nil, 0, nil
	r.mu.Unlock()
	for _, s := range due {
		expireIfDue(s)
	}
}

// members returns the scopes of b that are alive.
func (b *batch) members() (alive []*Scope) {
	for _, w := range b.groups {
		if g := w.Value(); g != nil {
			alive = append(alive, g.scopes()...)
		}
	}
	for _, w := range b.scopes {
		if s := w.Value(); s != nil {
			alive = append(alive, s)
		}
	}
	return alive
}
