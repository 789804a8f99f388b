// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// What a Run costs does not jump at some number of Storages that are set already.
func TestARunAllocatesAboutTheSameHoweverManyStoragesAreSet(t *testing.T) {
	ambientOnly(t)
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	for _, tt := range []struct {
		place string
		in    func(f func())
		most  float64
	}{
		{"outside", func(f func()) { f() }, 3},
		{"in a request", func(f func()) {
			store.NewRequest("r").Run(t.Context(), func(context.Context) { f() })
		}, 4},
		{"in bound work of a request", func(f func()) {
			store.NewRequest("r").Run(t.Context(), func(context.Context) { store.Bind(f)() })
		}, 4},
	} {
		for n := range 21 {
			tt.in(func() {
				nest(n, func(all []*store.Storage[int]) {
					s := store.New("s", 0)
					wantAtMost(t, fmt.Sprint(tt.place, ", a Run over ", n), tt.most, func() { s.Run(1, nothing) })
					if n > 0 {
						wantAtMost(t, fmt.Sprint(tt.place, ", a Run over another and ", n-1), tt.most, func() { all[0].Run(1, nothing) })
						wantAtMost(t, fmt.Sprint(tt.place, ", an Exit of one of ", n), tt.most, func() { all[0].Exit(nothing) })
					}
				})
			})
		}
	}
}

// wantAtMost checks what one call of f allocates. It needs the process to itself.
func wantAtMost(t *testing.T, what string, most float64, f func()) {
	t.Helper()
	if got := testing.AllocsPerRun(1000, f); got > most {
		t.Errorf("%s: %v allocations, want at most %v", what, got, most)
	}
}

// What the end of a request costs does not grow with the number of those that linger,
// each for another time. The least of several rounds is compared, so that what else
// the machine does counts for little.
func TestTheEndOfARequestCostsTheSameHoweverManyLingersThereAre(t *testing.T) {
	ambientOnly(t)
	if raceEnabled || testing.Short() {
		t.Skip("it measures time")
	}
	next := 5 * time.Minute
	end := func(n int) (each time.Duration) {
		each = time.Hour
		for range n / 1000 {
			start := time.Now()
			for range 1000 {
				next++
				r := store.NewRequest("r")
				r.SetLinger(next)
				r.Run(t.Context(), func(context.Context) {})
			}
			each = min(each, time.Since(start)/1000)
		}
		return each
	}
	first := end(3000)
	end(97_000)
	if last := end(5000); last > 3*first+2*time.Microsecond {
		t.Errorf("a request costs %v, after 100 000 of different lingers %v", first, last)
	}
}
