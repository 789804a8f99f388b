// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// pulse tells the server every third of its wait that a job is alive. It costs a timer, and a
// goroutine only when that fires.
type pulse struct {
	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
}

func (w *worker) keepAlive(msg jetstream.Msg) *pulse {
	p := &pulse{}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer = time.AfterFunc(w.ackWait/3, func() {
		if err := p.beat(msg, w.ackWait/3); err != nil {
			w.config.onError(fmt.Errorf("natsjobs: report progress: %w", err))
		}
	})
	return p
}

func (p *pulse) beat(msg jetstream.Msg, every time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil
	}
	p.timer.Reset(every)
	if err := msg.InProgress(); !errors.Is(err, jetstream.ErrMsgAlreadyAckd) {
		return err
	}
	return nil
}

func (p *pulse) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	p.timer.Stop()
}
