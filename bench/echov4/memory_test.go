// SPDX-License-Identifier: Apache-2.0

//go:build !race

package echov4_test

import (
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/labstack/echo/v4"
)

// A request in flight holds at most this many bytes more than one with a span of the
// SDK and nothing else.
const inFlight = 1024

func TestBytesAllocatedInFlight(t *testing.T) {
	held(bare, modes[0]) // the runtime keeps the goroutines for the next
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			span, ours, today := held(floor, mode), held(asynclocal, mode), held(assembled, mode)
			t.Logf("bare Echo %d bytes, with a span %d, asynclocal %d, assembled %d", held(bare, mode), span, ours, today)
			for range 4 { // what else the process does can only add
				if ours-span <= inFlight {
					break
				}
				span, ours = held(floor, mode), min(ours, held(asynclocal, mode))
			}
			if ours-span > inFlight {
				t.Errorf("%d bytes more than the span, want at most %d", ours-span, inFlight)
			}
		})
	}
}

// held returns how many bytes of the heap a request holds whose handler waits.
func held(build builder, m mode) int {
	const n = 2000
	var arrived, left sync.WaitGroup
	var waits atomic.Bool
	release := make(chan struct{})
	e := build(newProviders(m))
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			err := next(c) // which logs a line, so that what that makes is there
			if waits.Load() {
				arrived.Done()
				<-release
			}
			return err
		}
	})
	serve := func() {
		defer left.Done()
		// As on a server, which holds the request that came in, and where the map of
		// headers is made in any case.
		w, r := &writer{http.Header{"Vary": nil}}, newRequest()
		e.ServeHTTP(w, r)
		runtime.KeepAlive(r)
	}
	left.Add(n + 1)
	serve()
	waits.Store(true)
	before := heap()
	arrived.Add(n)
	for range n {
		go serve()
	}
	arrived.Wait()
	after := heap()
	close(release)
	left.Wait()
	return (after - before) / n
}

func heap() int {
	runtime.GC()
	runtime.GC() // what was in pools at the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
