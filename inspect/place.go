// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
)

// place holds one large body at a time. Its buffer is reused for the next one: if each had its
// own, a burst of large bodies would leave as many buffers for the garbage collector, which lets
// the heap double first. So the buffer counts as data being received until there have been no large
// bodies for a while.
type place struct {
	free chan struct{}

	mu       sync.Mutex
	holder   *reading
	buf      *bytes.Buffer
	reserved spanstore.Reservation // of buf
	idle     *time.Timer
}

// idleBuffer is how long an unused buffer is kept.
const idleBuffer = 10 * time.Second

func newPlace(r *spanstore.Store) *place {
	p := &place{free: make(chan struct{}, 1), reserved: r.Reserve()}
	p.free <- struct{}{}
	return p
}

// take waits for the place. A slow sender gives way.
func (p *place) take(ctx context.Context, one *reading) bool {
	for until := time.Now().Add(largeWait); time.Now().Before(until); {
		select {
		case <-p.free:
			p.mu.Lock()
			p.holder = one
			p.stopIdle()
			p.mu.Unlock()
			one.restart()
			return true
		case <-ctx.Done():
			return false
		case <-time.After(grace / 4):
			p.press()
		}
	}
	return false
}

// buffer returns an empty buffer of at least n bytes, for the holder until it leaves.
func (p *place) buffer(n int) *bytes.Buffer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.buf == nil || p.buf.Cap() < n {
		p.reserved.Release()
		p.reserved.Grow(n)
		p.buf = bytes.NewBuffer(make([]byte, 0, n))
	}
	p.buf.Reset()
	return p.buf
}

func (p *place) press() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.holder; h != nil && h.rate() < slowLarge {
		h.drop()
	}
}

func (p *place) leave() {
	p.mu.Lock()
	p.holder = nil
	p.idle = time.AfterFunc(idleBuffer, p.drop)
	p.mu.Unlock()
	p.free <- struct{}{}
}

// drop gives the buffer back, unless it is used.
func (p *place) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopIdle(); p.holder == nil {
		p.buf = nil
		p.reserved.Release()
	}
}

func (p *place) stopIdle() {
	if p.idle != nil {
		p.idle.Stop()
		p.idle = nil
	}
}
