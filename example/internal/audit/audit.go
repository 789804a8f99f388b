// SPDX-License-Identifier: Apache-2.0

// Package audit keeps a trail of what was done, without delaying the caller.
package audit

import (
	"sync"

	"go.uber.org/zap"
)

// Trail writes audit lines. The zero value is ready; it is safe for concurrent use.
type Trail struct{ pending sync.WaitGroup }

// Record notes that an order was placed. It takes neither a ctx nor a logger, and
// the goroutine is a bare one. The line still knows whose order it was.
func (t *Trail) Record(event, order string) {
	t.pending.Add(1)
	go func() {
		defer t.pending.Done()
		zap.L().Info("audit", zap.String("event", event), zap.String("order", order))
	}()
}

// Wait returns when everything recorded so far is written.
func (t *Trail) Wait() { t.pending.Wait() }
