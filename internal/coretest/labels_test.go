// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"fmt"
	"runtime/pprof"
	"strconv"
	"testing"

	"github.com/asynclocal/asynclocal/store"
)

// beside runs f on a goroutine that has n labels of a profiler's, as gRPC, a profiler or
// package testing give them.
func beside(n int, f func()) {
	var labels []string
	for i := range n {
		labels = append(labels, fmt.Sprint("profiler", i), "x")
	}
	pprof.Do(bg(), pprof.Labels(labels...), func(context.Context) { f() })
}

// labelled are the operations whose cost is to be the same beside labels. around makes what
// the operation is done in.
func labelled() map[string]func(around func(op func())) {
	s, t := store.New("s", 0), store.New("t", 0)
	tracer := provider().Tracer("labels")
	request := func(f func()) {
		store.NewRequest("r").Run(bg(), func(context.Context) { f() })
	}
	return map[string]func(around func(op func())){
		"GetStore":         func(around func(func())) { s.Run(1, func() { around(func() { s.Get() }) }) },
		"Run":              func(around func(func())) { around(func() { s.Run(1, func() {}) }) },
		"a nested Run":     func(around func(func())) { t.Run(1, func() { around(func() { s.Run(1, func() {}) }) }) },
		"Run in a request": func(around func(func())) { request(func() { around(func() { s.Run(1, func() {}) }) }) },
		"a span": func(around func(func())) {
			request(func() {
				around(func() {
					_, span := tracer.Start(bg(), "s")
					span.End()
				})
			})
		},
		"a request": func(around func(func())) { around(func() { request(func() {}) }) },
	}
}

// Not parallel: it counts what the process allocates.
func TestLabelsOfAProfilersCostNoAllocation(t *testing.T) {
	ambientOnly(t)
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	if strconv.IntSize == 32 {
		t.Skip("on 32 bits a frame has no room for labels of others")
	}
	for name, op := range labelled() {
		count := func(n int) (allocs float64) {
			beside(n, func() { op(func(f func()) { allocs = testing.AllocsPerRun(500, f) }) })
			return allocs
		}
		without := count(0)
		for _, n := range []int{1, 4} {
			if got := count(n); got > without {
				t.Errorf("%s: %v allocations beside %d labels, %v without", name, got, n, without)
			}
		}
	}
}

// Both ways to the goroutine's slot are measured by it: see -tags asynclocal_nolinkname.
func BenchmarkBesideLabels(b *testing.B) {
	ambientOnly(b)
	for name, op := range labelled() {
		for _, n := range []int{0, 1, 4} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				beside(n, func() {
					op(func(f func()) {
						for b.Loop() {
							f()
						}
					})
				})
			})
		}
	}
}
