// SPDX-License-Identifier: Apache-2.0

package coretest_test

import (
	"context"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/middleware/nethttp"
)

var (
	profileFor  = flag.Duration("profile.for", 3*time.Second, "how long the test of the heap under a CPU profile serves requests, with a profile and without")
	profileRate = flag.Int("profile.rate", 2000, "the requests a second that it serves")
)

// parcel is what hangs on a request there, twice: on its ctx and on its response.
type parcel [50 << 10]byte

type parcelWriter struct {
	*httptest.ResponseRecorder
	parcel *parcel
}

// serve answers one request, which does what work does.
func serve(h http.Handler) {
	ctx := context.WithValue(bg(), ctxKey{}, new(parcel))
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/orders/17", http.NoBody)
	w := &parcelWriter{httptest.NewRecorder(), new(parcel)}
	h.ServeHTTP(w, r)
	runtime.KeepAlive(r) // as a server does
	runtime.KeepAlive(w)
}

func handler(work func()) http.Handler {
	return nethttp.New(nethttp.WithTracerProvider(provider()))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { work() }))
}

// traffic serves n requests at a rate, each of which is on the processor for long
// enough that the profiler sees some of them.
func traffic(n, rate int) {
	h := handler(func() { burn(400 * time.Microsecond) })
	requests := make(chan struct{}, rate)
	var servers sync.WaitGroup
	for range 8 {
		servers.Go(func() {
			for range requests {
				serve(h)
			}
		})
	}
	start := time.Now()
	for i := range n {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(rate))))
		requests <- struct{}{}
	}
	close(requests)
	servers.Wait()
}

// grownBy returns by how much the live heap is larger after f, while some requests
// are in flight.
func grownBy(inFlight int, f func()) int64 {
	before := heapInUse()
	release := make(chan struct{})
	var arrived, left sync.WaitGroup
	defer left.Wait()
	defer close(release)
	h := handler(func() { arrived.Done(); <-release })
	arrived.Add(inFlight)
	for range inFlight {
		left.Go(func() { serve(h) })
	}
	arrived.Wait()
	f()
	return heapInUse() - before
}

// A profiler keeps, until its profile ends, the labels of every goroutine that it has
// seen. A request that was seen is to leave behind little more than those. Not
// parallel: there is one CPU profile in a process.
func TestARunningCPUProfileKeepsTheHeapWithin130Percent(t *testing.T) {
	ambientOnly(t)
	if raceEnabled || testing.Short() {
		t.Skip("it serves for some seconds, and measures the heap")
	}
	const inFlight = 300
	n := int(profileFor.Seconds() * float64(*profileRate))
	grownBy(inFlight, func() { traffic(100, *profileRate) }) // what the first requests make for good
	without := grownBy(inFlight, func() { traffic(n, *profileRate) })
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Skip(err) // the test command takes one
	}
	defer pprof.StopCPUProfile()
	with := grownBy(inFlight, func() { traffic(n, *profileRate) })
	ratio := float64(with) / float64(without)
	t.Logf("%d requests: the heap is %.1f MiB, with a CPU profile %.1f, the ratio %.2f", n, float64(without)/(1<<20), float64(with)/(1<<20), ratio)
	if ratio > 1.3 {
		t.Errorf("a CPU profile makes the heap %.1f times as large", ratio)
	}
}
