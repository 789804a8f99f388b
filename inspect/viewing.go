// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"context"
	"sync"
	"time"
)

// viewWait is how long a look at a large request waits for others.
const viewWait = 30 * time.Second

// viewing admits one large request at a time: laying it out takes about as much memory as the request
// itself. A client that does not read what is sent gives way to one that waits.
type viewing struct {
	free chan struct{}

	mu  sync.Mutex
	now *pages
}

func newViewing() *viewing {
	v := &viewing{free: make(chan struct{}, 1)}
	v.free <- struct{}{}
	return v
}

func (v *viewing) enter(ctx context.Context, p *pages) bool {
	for until := time.Now().Add(viewWait); time.Now().Before(until); {
		select {
		case <-v.free:
			v.mu.Lock()
			v.now = p
			v.mu.Unlock()
			return true
		case <-ctx.Done():
			return false
		case <-time.After(grace / 4):
			v.press()
		}
	}
	return false
}

func (v *viewing) press() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.now != nil {
		v.now.press()
	}
}

func (v *viewing) leave() {
	v.mu.Lock()
	v.now = nil
	v.mu.Unlock()
	v.free <- struct{}{}
}
