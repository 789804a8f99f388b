// SPDX-License-Identifier: Apache-2.0

package doctor_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/doctor"
	"github.com/asynclocal/asynclocal/doctor/report"
	"github.com/asynclocal/asynclocal/store"
)

// heldBy runs requests that have no linger, each with the goroutine that start starts, and
// returns what was found when they are over.
func heldBy(t *testing.T, requests int, start func(ctx context.Context, until <-chan struct{})) []doctor.Finding {
	t.Helper()
	stop := doctor.Start()
	t.Cleanup(stop)
	until := make(chan struct{})
	defer close(until)
	for i := range requests {
		r := store.NewRequest(fmt.Sprint("r-", i))
		r.SetName("GET /orders/:id")
		r.SetLinger(0)
		r.Run(context.Background(), func(ctx context.Context) { start(ctx, until) })
	}
	stop()
	return doctor.Findings()
}

func wait(until <-chan struct{}) { <-until }

func TestGoroutinesThatHoldExpiredRequestsAreFoundByTheirGoStatement(t *testing.T) {
	needAmbient(t)
	var line int
	found := heldBy(t, 3, func(_ context.Context, until <-chan struct{}) {
		_, _, line, _ = runtime.Caller(0)
		go wait(until)
		for range 2 {
			go func() { wait(until) }()
		}
	})
	if len(found) != 2 {
		t.Fatalf("found %+v", found)
	}
	counts := map[int]int{}
	for _, f := range found {
		file, at, _ := report.Place(f.Where)
		if f.Kind != "held-after-end" || filepath.Base(file) != "over_test.go" || f.CreatedBy != f.Where || f.Cure == "" {
			t.Errorf("it is %+v", f)
		}
		if !strings.HasPrefix(f.Request, "GET /orders/:id r-") || !strings.Contains(fmt.Sprint(f.Stack), "over_test.go") {
			t.Errorf("of %q, with the stack %q", f.Request, f.Stack)
		}
		counts[at-line] = f.Count
	}
	if counts[1] != 3 || counts[3] != 6 {
		t.Errorf("counted, by the lines after the first, %v", counts)
	}
}

func TestWhatMayHoldARequestIsNoFinding(t *testing.T) {
	needAmbient(t)
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	for name, start := range map[string]func(context.Context, <-chan struct{}){
		"bound work":                  func(_ context.Context, until <-chan struct{}) { store.Go(func() { wait(until) }) },
		"a goroutine of bound work's": func(_ context.Context, until <-chan struct{}) { store.Go(func() { go wait(until); wait(until) }) },
		"one outside":                 func(_ context.Context, until <-chan struct{}) { store.Exit(func() { go wait(until) }) },
		"one with its ctx": func(ctx context.Context, until <-chan struct{}) {
			begun := make(chan struct{})
			go store.RunContext(ctx, func(context.Context) { close(begun); wait(until) })
			<-begun
		},
		"a connection of a client's, which is kept": func(context.Context, <-chan struct{}) {
			client := &http.Client{Transport: &http.Transport{}}
			res, err := client.Get(s.URL)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			t.Cleanup(client.CloseIdleConnections)
		},
		"one that ends": func(context.Context, <-chan struct{}) {
			var wg sync.WaitGroup
			wg.Go(func() { time.Sleep(time.Millisecond) })
			wg.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			if found := heldBy(t, 2, start); len(found) != 0 {
				t.Errorf("found %+v", found)
			}
		})
	}
}

// The id is not the request: a client may send that of another again.
func TestARequestThatRunsAgainIsHeldByWhatItStarts(t *testing.T) {
	needAmbient(t)
	stop := doctor.Start()
	t.Cleanup(stop)
	r := store.NewRequest("r-1")
	r.SetLinger(0)
	r.Run(context.Background(), func(context.Context) {})
	again := store.NewRequest("r-1")
	again.Run(context.Background(), func(context.Context) {
		until := make(chan struct{})
		defer close(until)
		go wait(until)
		stop()
	})
	if found := doctor.Findings(); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
}

func TestARequestThatNobodyHoldsIsLookedForByNobody(t *testing.T) {
	needAmbient(t)
	if found := heldBy(t, 20_000, func(context.Context, <-chan struct{}) {}); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
}
