// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// heapGrowth returns by how many bytes f, run twice, leaves more behind than once:
// what the first run makes for good is not a leak.
func heapGrowth(f func()) int64 {
	f()
	before := heapInUse()
	f()
	return heapInUse() - before
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC() // the second sweeps what the first found
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// These measure the process, so they do not run beside others.

func TestNothingIsLeftBehindBy(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"ten thousand instances set at once", func(*testing.T) { nest(10_000, func([]*store.Storage[int]) {}) }},
		{"ten thousand instances set one after the other", func(*testing.T) {
			for i := range 10_000 {
				store.New("", 0).Run(i, nothing)
			}
		}},
		{"a thousand Runs inside each other", func(*testing.T) { deepen(store.New("", 0), 1000, nothing) }},
		{"a thousand goroutines that entered and did not leave", func(*testing.T) {
			s := store.New("", 0)
			for i := range 1000 {
				await(func() { s.EnterWith(i) })
			}
		}},
		{"a request of ten thousand goroutines", func(t *testing.T) {
			s := store.New("", 0)
			store.NewRequest("").Run(t.Context(), func(context.Context) {
				for i := range 10_000 {
					await(func() { s.Run(i, nothing) })
				}
			})
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if grown := heapGrowth(func() { tt.run(t) }); grown > 200<<10 {
				t.Errorf("%d KiB are left", grown>>10)
			}
		})
	}
}

func TestAMillionRunsNestedInOneRequestDoNotPileUpInIt(t *testing.T) {
	ambientOnly(t)
	runs := 1_000_000
	if testing.Short() {
		runs = 50_000
	}
	s := store.New[*[64]byte]("s", nil)
	store.NewRequest("").Run(t.Context(), func(context.Context) {
		for _, where := range []string{"on the request's goroutine", "on another", "in bound work"} {
			grown := heapGrowth(func() {
				loop := func() {
					for range runs / 3 {
						s.Run(new([64]byte), nothing)
					}
				}
				switch where {
				case "on another":
					await(loop)
				case "in bound work":
					done := make(chan struct{})
					store.Go(func() { defer close(done); loop() })
					<-done
				default:
					loop()
				}
			})
			if grown > 500<<10 {
				t.Errorf("%s: the request has grown by %d KiB", where, grown>>10)
			}
		}
	})
}

func TestAHundredThousandRequestsLeaveLessThanThirtyTwoBytesEachUntilTheyExpire(t *testing.T) {
	ambientOnly(t)
	const requests = 100_000
	before := heapInUse()
	for i := range requests {
		store.NewRequest(fmt.Sprint(i)).Run(t.Context(), func(context.Context) {})
	}
	if grown := heapInUse() - before; grown > requests*32 {
		t.Errorf("%d bytes each are left", grown/requests)
	} else {
		t.Logf("%d bytes each", grown/requests)
	}
}
