// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package cgotest_test

import (
	"context"
	"sync"
	"testing"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tools/internal/cgotest"
)

var n = store.New("n", 0)

func wantN(t *testing.T, where string, want int, wantOK bool) {
	t.Helper()
	if got, ok := n.GetStore(); got != want || ok != wantOK {
		t.Errorf("%s: GetStore = %d, %v; want %d, %v", where, got, ok, want, wantOK)
	}
}

// ownThread is cgotest.OwnThread for tests, which cannot do without the thread.
func ownThread(t *testing.T, f func()) {
	t.Helper()
	if err := cgotest.OwnThread(f); err != nil {
		t.Error(err)
	}
}

func TestACallbackOnTheSameThreadHasItsCallersContext(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	store.NewRequest("r").Run(t.Context(), func(context.Context) {
		n.Run(1, func() {
			cgotest.SameThread(func() {
				wantN(t, "in the callback", 1, true)
				if r, _ := store.Current(); r.ID() != "r" {
					t.Errorf("the request is %q", r.ID())
				}
				n.Run(2, func() {
					cgotest.SameThread(func() { wantN(t, "in the callback's callback", 2, true) })
				})
				wantN(t, "back in the callback", 1, true)
			})
			wantN(t, "after the callback", 1, true)
		})
	})
	wantN(t, "after all", 0, false)
}

func TestACallbackOnAThreadOfCsHasNoContextUnlessItWasBound(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	n.Run(1, func() {
		ownThread(t, func() { wantN(t, "in the callback", 0, false) })
		ownThread(t, store.Bind(func() { wantN(t, "in the bound callback", 1, true) }))
		ownThread(t, func() { wantN(t, "in the callback after a bound one", 0, false) })
	})
}

// The runtime keeps what it made for a thread of C's, and gives it to the next.
func TestARunInACallbackLeavesNothingToTheNextThread(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip(store.AmbientError())
	}
	var threads sync.WaitGroup
	for i := range 4 {
		threads.Go(func() {
			for range 50 {
				ownThread(t, func() {
					wantN(t, "in a new thread", 0, false)
					func() {
						defer func() { _ = recover() }()
						n.Run(i, func() {
							n.EnterWith(-1)
							panic("through the Run, not through C")
						})
					}()
					store.NewRequest("").Run(t.Context(), func(context.Context) {
						n.EnterWith(i)
						wantN(t, "in the thread's request", i, true)
					})
				})
			}
		})
	}
	threads.Wait()
}

// What was entered and not left outlives the callback: that is why EnterWith says
// to leave.
func TestAnEnterWithThatIsLeftInACallbackLeavesNothingToTheNextThread(t *testing.T) {
	t.Parallel()
	for range 50 {
		ownThread(t, func() {
			wantN(t, "in a new thread", 0, false)
			defer n.EnterWith(1)()
		})
	}
}
