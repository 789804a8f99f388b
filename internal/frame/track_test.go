// SPDX-License-Identifier: Apache-2.0

package frame_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"testing"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
	"github.com/asynclocal/asynclocal/internal/frame"
)

// Not parallel: the tracks of a process are counted.
func TestATrackEndsWithTheRunThatBeganIt(t *testing.T) {
	if !ambient.On() {
		t.Skip("contexts do not travel with goroutines here")
	}
	var key bindings.Key
	bindings.InitKey[string](&key, "tenant")
	run := func(value string, f func()) {
		before := ambient.Get()
		slot := frame.Begin(before, frame.With(before, &key, value))
		defer frame.Return(before, slot)
		f()
	}
	exit := func(f func()) {
		before := ambient.Get()
		slot := frame.Begin(before, frame.Outside(before))
		defer frame.Return(before, slot)
		f()
	}
	for name, end := range map[string]func(){
		"by returning": func() {},
		"by a panic":   func() { panic("end") },
		"by exiting":   runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() { _ = recover() }()
				run("a", func() {
					pprof.Do(frame.FromAmbient(), pprof.Labels("k", "v"), func(ctx context.Context) {
						run("b", func() {
							pprof.Do(ctx, pprof.Labels("k", "w"), func(context.Context) {
								exit(func() {
									if n := frame.Tracked(); n != 1 {
										t.Errorf("%d goroutines have a track in the Run, want 1", n)
									}
									end()
								})
							})
						})
					})
				})
			}()
			<-done
			if n := frame.Tracked(); n != 0 {
				t.Errorf("%d goroutines have a track after it", n)
			}
		})
	}
}
