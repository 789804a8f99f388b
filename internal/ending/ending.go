// SPDX-License-Identifier: Apache-2.0

package ending

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// Listener has the functions that are called. Both must be set. They run on the goroutine on which
// the event happens.
type Listener struct {
	// Ended is called when the request r of ctx has ended, before its completion line is written.
	// It may be called more than once for a request.
	Ended func(ctx context.Context, r *store.Request, failed bool, d time.Duration)
	// Errored is called for a line of an error. ctx is the line's, or nil.
	Errored func(ctx context.Context)
}

var (
	mu        sync.Mutex
	listeners atomic.Pointer[[]*Listener]
)

// Listen calls l's functions from now on, until stop is called.
func Listen(l *Listener) (stop func()) {
	change(func(all []*Listener) []*Listener { return append(all, l) })
	return func() {
		change(func(all []*Listener) []*Listener {
			return slices.DeleteFunc(all, func(o *Listener) bool { return o == l })
		})
	}
}

func change(f func([]*Listener) []*Listener) {
	mu.Lock()
	defer mu.Unlock()
	var all []*Listener
	if p := listeners.Load(); p != nil {
		all = slices.Clone(*p)
	}
	if all = f(all); len(all) == 0 {
		listeners.Store(nil)
		return
	}
	listeners.Store(&all)
}

// On reports whether there is a listener.
func On() bool { return listeners.Load() != nil }

// End tells the listeners that the request r of ctx has ended.
func End(ctx context.Context, r *store.Request, failed bool, d time.Duration) {
	if all := listeners.Load(); all != nil {
		for _, l := range *all {
			l.Ended(ctx, r, failed, d)
		}
	}
}

// Error tells the listeners of a line of an error.
func Error(ctx context.Context) {
	if all := listeners.Load(); all != nil {
		for _, l := range *all {
			l.Errored(ctx)
		}
	}
}
