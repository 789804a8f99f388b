// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"context"
	"sync"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// Open makes the process count bound work from now on, and the spans that a provider reports.
func Open() {
	opened.Do(func() { on.Store(true); store.Observe(store.Observer{Start: begun, End: over}) })
}

var opened sync.Once

// begun puts a goroutine of store.Go on the bill of the request that it is bound to.
func begun(t store.Task) {
	if t.Kind == store.KindGo && t.Request != nil {
		b := Of(t.Request, nil)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.goroutines++
		b.ran.begin(b.since(time.Now()))
	}
}

func over(t store.Task) {
	if b := Peek(t.Request); t.Kind == store.KindGo && b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.ran.end(b.since(time.Now()))
	}
}

// Around returns the operation that a ctx, or the calling goroutine, works in. Package tracing sets
// it.
var Around func(context.Context) *Op

// Messages counts n messages that have no span, for the request of ctx, else for the calling
// goroutine's. In a span of a message they are counted already.
func Messages(ctx context.Context, n int) {
	if !On() || n <= 0 {
		return
	}
	r, ok := store.CurrentFrom(ctx)
	if !ok {
		return
	}
	b := Of(r, nil)
	var around *Op
	if Around != nil {
		around = Around(ctx)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for o := around.live(b); o != nil; o = o.outer {
		if o.class == message {
			return
		}
	}
	b.number[message] += n
}

// Expected is true where repetition is expected.
var Expected = store.New("bill.ExpectRepeats", false)
