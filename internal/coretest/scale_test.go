// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

var scaleRequests = flag.Int("scale.requests", 5000, "how many requests at once a figure of BenchmarkScale is measured of")

// scale measures with n requests at once.
type scale struct{ n int }

// inFlight returns the heap that requests hold whose handlers wait, each, where it is
// asked for, with a goroutine that waits too.
func (s scale) inFlight(run func(inside func()), inheritor bool) int64 {
	var arrived, left sync.WaitGroup
	release := make(chan struct{})
	before := heapInUse()
	arrived.Add(s.n)
	for range s.n {
		left.Go(func() {
			run(func() {
				if inheritor {
					left.Go(func() { <-release })
				}
				arrived.Done()
				<-release
			})
		})
	}
	arrived.Wait()
	after := heapInUse()
	close(release)
	left.Wait()
	return after - before
}

// ended returns the heap that requests hold after their end, at last where that
// is waited for.
func (s scale) ended(run func(inside func()), inheritor bool, linger time.Duration, wait bool) int64 {
	var left sync.WaitGroup
	release := make(chan struct{})
	before := heapInUse()
	for range s.n {
		run(func() {
			if r, ok := store.Current(); ok {
				r.SetLinger(linger)
			}
			if inheritor {
				left.Go(func() { <-release })
			}
		})
	}
	after := heapInUse()
	for same := 0; wait && same < 5; time.Sleep(linger) {
		if now := heapInUse(); now < after-after/100 {
			after, same = now, 0
		} else {
			same++
		}
	}
	close(release)
	left.Wait()
	return after - before
}

// difference is what a request of b costs by measure.
func (s scale) difference(b burden, measure func(s scale, run func(inside func())) int64) int64 {
	for _, run := range []func(inside func()){b.with, b.without} {
		measure(scale{50}, run) // the first makes what stays for good
	}
	return (measure(s, b.with) - measure(s, b.without)) / int64(s.n)
}

func (s scale) row(b burden) (figures []any) {
	for _, measure := range []func(s scale, run func(func()), inheritor bool) int64{
		scale.inFlight,
		func(s scale, run func(func()), inheritor bool) int64 {
			return s.ended(run, inheritor, 5*time.Minute, false)
		},
		func(s scale, run func(func()), inheritor bool) int64 { return s.ended(run, inheritor, linger, true) },
	} {
		for _, inheritor := range []bool{false, true} {
			figures = append(figures, s.difference(b, func(s scale, run func(func())) int64 { return measure(s, run, inheritor) }))
		}
	}
	return figures
}

var scaleOnce sync.Once

// BenchmarkScale prints docs/scale.md's table: the bytes of the heap, stacks aside,
// that a request holds while it is in flight, while it lingers, and after that, beyond
// what the same request has without this module: a span of the SDK, the response, the
// goroutines. An inheritor is one that was started in the request, and lives on.
//
//	go test ./internal/coretest -run - -bench Scale -benchtime 1x
func BenchmarkScale(b *testing.B) {
	if !store.Ambient() {
		b.Skip("contexts do not travel with goroutines here:", store.AmbientError())
	}
	scaleOnce.Do(func() {
		s := scale{*scaleRequests}
		s.inFlight(func(inside func()) { inside() }, true) // the runtime keeps its goroutines
		fmt.Println("| bytes per request | in flight | with an inheritor | lingering | with an inheritor | expired | with an inheritor |")
		fmt.Println("|---|---:|---:|---:|---:|---:|---:|")
		for _, burden := range burdens() {
			fmt.Printf("| %s | %d | %d | %d | %d | %d | %d |\n", append([]any{burden.name}, s.row(burden)...)...)
		}
	})
}
