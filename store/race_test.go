// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// 300 goroutines share storages, requests and snapshots, and each sees its own.
func TestThreeHundredGoroutinesSeeEachTheirOwn(t *testing.T) {
	t.Parallel()
	ambientOnly(t)
	operations := 5000
	if testing.Short() {
		operations = 200
	}
	number, word := store.New("number", 0), store.New("word", "")
	var all sync.WaitGroup
	for i := 1; i <= 300; i++ {
		all.Go(func() {
			w := worker{t, number, word, i, fmt.Sprint("w", i)}
			store.NewRequest(w.name).Run(t.Context(), func(context.Context) {
				number.Run(i, func() { word.Run(w.name, func() { w.loop(operations) }) })
			})
		})
	}
	all.Wait()
	wantUnset(t, number, 0)
}

type worker struct {
	t      *testing.T
	number *store.Storage[int]
	word   *store.Storage[string]
	i      int
	name   string
}

func (w *worker) check() {
	if n, ok := w.number.GetStore(); n != w.i || !ok {
		w.t.Errorf("worker %d sees %d, %v", w.i, n, ok)
	}
	if s := w.word.Get(); s != w.name {
		w.t.Errorf("worker %d sees %q", w.i, s)
	}
	if r, _ := store.Current(); r.ID() != w.name {
		w.t.Errorf("worker %d works for %q", w.i, r.ID())
	}
}

func (w *worker) loop(operations int) {
	w.check()
	bound := store.Bind(w.check)
	snapshot := store.Capture()
	for n := range operations {
		w.operation(n, bound, snapshot)
		if w.t.Failed() {
			return
		}
	}
	w.check()
}

func (w *worker) operation(n int, bound func(), snapshot store.Snapshot) {
	switch n % 10 {
	case 0:
		w.number.Run(-w.i, func() {
			if w.number.Get() != -w.i {
				w.t.Errorf("worker %d sees %d in its Run", w.i, w.number.Get())
			}
			bound()
		})
	case 1:
		w.number.Exit(func() { wantUnset(w.t, w.number, 0) })
	case 2:
		await(w.check)
	case 3:
		store.Exit(bound)
	case 4:
		leave := w.word.EnterWith("entered")
		runtime.Gosched()
		leave()
	case 5:
		store.Exit(func() { await(func() { snapshot.Run(w.check) }) })
	case 6:
		store.RunContext(w.number.With(w.t.Context(), w.i), func(context.Context) { w.check() })
	case 7:
		if v, ok := w.number.From(store.Context()); v != w.i || !ok {
			w.t.Errorf("worker %d finds %d, %v in the ambient context", w.i, v, ok)
		}
	case 8:
		done := make(chan struct{})
		store.Go(func() { defer close(done); w.check() })
		<-done
	default:
		w.check()
	}
}
