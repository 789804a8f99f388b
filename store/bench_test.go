// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/store"
)

// Every benchmark is one of a pair in one run: a figure is a ratio.

//go:noinline
func bareRead() ambient.Slot { return ambient.Get() }

var (
	sinkPtr  *[40]*int
	sinkFunc func()
	sinkSnap store.Snapshot
)

func nothing() {}

// nest calls f with n storages set, each in a Run of its own.
func nest(n int, f func(all []*store.Storage[int])) {
	all := make([]*store.Storage[int], n)
	for i := range all {
		all[i] = store.New(fmt.Sprint("nested", i), 0)
	}
	within(all, func() { f(all) })
}

func within(all []*store.Storage[int], f func()) {
	if len(all) == 0 {
		f()
		return
	}
	all[0].Run(len(all), func() { within(all[1:], f) })
}

// deepen calls f under depth Runs of s.
func deepen(s *store.Storage[int], depth int, f func()) {
	if depth == 0 {
		f()
		return
	}
	s.Run(depth, func() { deepen(s, depth-1, f) })
}

// inside runs bench outside and inside a request.
func inside(b *testing.B, bench func(b *testing.B)) {
	b.Run("alone", bench)
	b.Run("in a request", func(b *testing.B) {
		store.NewRequest("r").Run(b.Context(), func(context.Context) { bench(b) })
	})
}

func BenchmarkGetStore(b *testing.B) {
	s := store.New("s", 0)
	b.Run("the bare slot", func(b *testing.B) {
		s.Run(1, func() {
			for b.Loop() {
				bareRead()
			}
		})
	})
	b.Run("unset", func(b *testing.B) {
		for b.Loop() {
			s.GetStore()
		}
	})
	inside(b, func(b *testing.B) {
		for _, n := range []int{1, 10, 100} {
			b.Run(fmt.Sprint(n, " set"), func(b *testing.B) {
				nest(n, func(all []*store.Storage[int]) {
					s := all[n/2]
					for b.Loop() {
						s.GetStore()
					}
				})
			})
		}
		b.Run("1000 deep", func(b *testing.B) {
			deepen(s, 1000, func() {
				for b.Loop() {
					s.GetStore()
				}
			})
		})
	})
}

type (
	contextKey struct{}
	otherKey   int
)

func BenchmarkFrom(b *testing.B) {
	s := store.New("s", 0)
	b.Run("ctx.Value", func(b *testing.B) {
		ctx := context.WithValue(b.Context(), contextKey{}, 4)
		for b.Loop() {
			_, _ = ctx.Value(contextKey{}).(int)
		}
	})
	b.Run("From", func(b *testing.B) {
		ctx := s.With(b.Context(), 4)
		for b.Loop() {
			s.From(ctx)
		}
	})
	b.Run("ctx.Value under 10 more", func(b *testing.B) {
		ctx := context.WithValue(b.Context(), contextKey{}, 4)
		for i := range 10 {
			ctx = context.WithValue(ctx, otherKey(i), i)
		}
		for b.Loop() {
			_, _ = ctx.Value(contextKey{}).(int)
		}
	})
	b.Run("From under 10 more", func(b *testing.B) {
		nest(10, func(all []*store.Storage[int]) {
			ctx := s.With(b.Context(), 4)
			for i, other := range all {
				ctx = other.With(ctx, i)
			}
			for b.Loop() {
				s.From(ctx)
			}
		})
	})
}

// bareRun saves the slot, sets it and restores it around f, with one allocation as
// large as a Run's, which has pointers too.
//
//go:noinline
func bareRun(slot ambient.Slot, f func()) {
	before := ambient.Get()
	defer ambient.Set(before)
	sinkPtr = new([40]*int)
	ambient.Set(slot)
	f()
}

func BenchmarkRun(b *testing.B) {
	s := store.New("s", 0)
	b.Run("the bare slot and an allocation", func(b *testing.B) {
		b.ReportAllocs()
		s.Run(1, func() {
			slot := ambient.Get()
			for b.Loop() {
				bareRun(slot, nothing)
			}
		})
	})
	inside(b, func(b *testing.B) {
		for _, n := range []int{0, 1, 6, 7, 10, 100} {
			b.Run(fmt.Sprint(n, " set"), func(b *testing.B) {
				b.ReportAllocs()
				nest(n, func([]*store.Storage[int]) {
					for b.Loop() {
						s.Run(5, nothing)
					}
				})
			})
		}
		b.Run("1000 deep", func(b *testing.B) {
			b.ReportAllocs()
			deepen(s, 1000, func() {
				for b.Loop() {
					s.Run(5, nothing)
				}
			})
		})
	})
}

func BenchmarkCapture(b *testing.B) {
	s := store.New("s", 0)
	inside(b, func(b *testing.B) {
		b.Run("GetStore", func(b *testing.B) {
			s.Run(1, func() {
				for b.Loop() {
					s.GetStore()
				}
			})
		})
		b.Run("Capture", func(b *testing.B) {
			s.Run(1, func() {
				for b.Loop() {
					store.Capture()
				}
			})
		})
		b.Run("Bind", func(b *testing.B) {
			b.ReportAllocs()
			s.Run(1, func() {
				for b.Loop() {
					sinkFunc = store.Bind(nothing)
				}
			})
		})
		b.Run("Snapshot.Run", func(b *testing.B) {
			b.ReportAllocs()
			s.Run(1, func() { sinkSnap = store.Capture() })
			for b.Loop() {
				sinkSnap.Run(nothing)
			}
		})
	})
}

func BenchmarkGo(b *testing.B) {
	s := store.New("s", 0)
	spawn := func(b *testing.B) {
		b.ReportAllocs()
		done := make(chan struct{})
		end := func() { done <- struct{}{} }
		for b.Loop() {
			go end()
			<-done
		}
	}
	b.Run("outside a Run", spawn)
	inside(b, func(b *testing.B) {
		s.Run(1, func() { spawn(b) })
	})
}

func BenchmarkRequest(b *testing.B) {
	b.Run("Request.Run", func(b *testing.B) {
		b.ReportAllocs()
		f := func(context.Context) {}
		for b.Loop() {
			store.NewRequest("r").Run(b.Context(), f)
		}
	})
}
