// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// reports collects what OnLateRead is told until the test's end. Tests that use it
// are not parallel: OnLateRead is process-wide.
type reports struct {
	mu   sync.Mutex
	list []store.LateRead
}

func collectReports(t *testing.T) *reports {
	r := new(reports)
	store.OnLateRead(func(e store.LateRead) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.list = append(r.list, e)
	})
	t.Cleanup(func() { store.OnLateRead(nil) })
	return r
}

func (r *reports) of(request *store.Request) (list []store.LateRead) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.list {
		if e.Request == request {
			list = append(list, e)
		}
	}
	return list
}

// refresher is the mistake that a report is to find: a goroutine that outlives
// the request which happened to start it. It returns the line of the go statement.
func refresher(f func()) (file string, line int) {
	_, file, line, _ = runtime.Caller(0)
	go f() // one line below
	return filepath.Base(file), line + 1
}

func TestTheFirstLateReadIsReportedOnceWithTheGoStatement(t *testing.T) {
	ambientOnly(t)
	got := collectReports(t)
	s := store.New("s", 0)
	r := store.NewRequest("r")
	r.SetLinger(0)
	ended, done := make(chan struct{}), make(chan struct{})
	var file string
	var line int
	r.Run(t.Context(), func(context.Context) {
		file, line = refresher(func() {
			defer close(done)
			<-ended
			if list := got.of(r); len(list) != 0 {
				t.Errorf("reported before the first read: %v", list)
			}
			for range 3 {
				wantUnset(t, s, 0)
				wantCurrent(t, nil)
			}
		})
	})
	close(ended)
	<-done
	list := got.of(r)
	if len(list) != 1 {
		t.Fatalf("%d reports, want 1", len(list))
	}
	want := fmt.Sprintf(`^created by \S+store_test\.refresher in goroutine \d+\n\t\S+/%s:%d \+0x[0-9a-f]+$`, regexp.QuoteMeta(file), line)
	if !regexp.MustCompile(want).MatchString(list[0].CreatedBy) {
		t.Errorf("CreatedBy = %q, want it to match %s", list[0].CreatedBy, want)
	}
}

func TestTheGoStatementIsFoundUnderneathADeepStack(t *testing.T) {
	ambientOnly(t)
	got := collectReports(t)
	r := store.NewRequest("r")
	r.SetLinger(0)
	var i inheritor
	r.Run(t.Context(), func(context.Context) { i = inherit() })
	var dive func(depth int)
	dive = func(depth int) {
		if depth > 0 {
			dive(depth - 1)
			return
		}
		wantCurrent(t, nil)
	}
	i.do(func() { dive(500) })
	close(i)
	if list := got.of(r); len(list) != 1 || !strings.HasPrefix(list[0].CreatedBy, "created by ") ||
		!strings.Contains(list[0].CreatedBy, "store_test.inherit ") {
		t.Errorf("reports %v, want one of inherit", list)
	}
}

func TestAnyKindOfReadIsReported(t *testing.T) {
	ambientOnly(t)
	got := collectReports(t)
	s := store.New("s", 0)
	for name, read := range map[string]func(){
		"GetStore":    func() { s.GetStore() },
		"Get":         func() { s.Get() },
		"From":        func() { s.From(context.Background()) },
		"Current":     func() { store.Current() },
		"CurrentFrom": func() { store.CurrentFrom(context.Background()) },
		"Context":     func() { store.Context() },
		"Capture":     func() { store.Capture() },
		"Run":         func() { s.Run(1, func() {}) },
		"Go":          func() { store.Go(func() {}) },
	} {
		r := store.NewRequest(name)
		r.SetLinger(0)
		var i inheritor
		r.Run(t.Context(), func(context.Context) { i = inherit() })
		i.do(read)
		close(i)
		if list := got.of(r); len(list) != 1 || !strings.Contains(list[0].CreatedBy, "store_test.inherit ") {
			t.Errorf("%s: reports %v, want one of inherit", name, list)
		}
	}
}

func TestOfManyLateReadersAtOnceOneIsReported(t *testing.T) {
	ambientOnly(t)
	got := collectReports(t)
	r := store.NewRequest("r")
	r.SetLinger(0)
	ended := make(chan struct{})
	var wg sync.WaitGroup
	r.Run(t.Context(), func(context.Context) {
		for range 50 {
			wg.Go(func() {
				<-ended
				wantCurrent(t, nil)
			})
		}
	})
	close(ended)
	wg.Wait()
	if list := got.of(r); len(list) != 1 {
		t.Errorf("%d reports, want 1", len(list))
	}
}

func TestEachRequestIsReportedOnItsOwn(t *testing.T) {
	ambientOnly(t)
	got := collectReports(t)
	for _, id := range []string{"1", "2"} {
		r := store.NewRequest(id)
		r.SetLinger(0)
		var i inheritor
		r.Run(t.Context(), func(context.Context) { i = inherit() })
		i.do(func() { wantCurrent(t, nil) })
		close(i)
		if list := got.of(r); len(list) != 1 {
			t.Errorf("request %s: %d reports, want 1", id, len(list))
		}
	}
}

func TestWhatIsInTimeOrBoundIsNotReported(t *testing.T) {
	ambientOnly(t)
	got := collectReports(t)
	synctest.Test(t, func(t *testing.T) {
		s := store.New("s", 0)
		r := store.NewRequest("r")
		r.SetLinger(time.Minute)
		var i inheritor
		var kept context.Context
		r.Run(s.With(context.Background(), 1), func(ctx context.Context) {
			kept = ctx
			i = inherit()
			store.AfterFunc(time.Hour, func() { wantSet(t, s, 1) })
		})
		defer close(i)
		i.do(func() { wantSet(t, s, 1) })
		time.Sleep(2 * time.Hour)
		wantFrom(kept, t, s, 1, true)
		if list := got.of(r); len(list) != 0 {
			t.Errorf("reported: %v", list)
		}
	})
}

func TestTheFunctionToldMayReadTheContextItself(t *testing.T) {
	ambientOnly(t)
	told := make(chan bool, 2)
	store.OnLateRead(func(e store.LateRead) {
		r, ok := store.Current()
		told <- r == nil && !ok && e.Request.ID() == "r"
	})
	defer store.OnLateRead(nil)
	r := store.NewRequest("r")
	r.SetLinger(0)
	var i inheritor
	r.Run(t.Context(), func(context.Context) { i = inherit() })
	i.do(func() { wantCurrent(t, nil) })
	close(i)
	if !<-told {
		t.Error("the function read a request, or was told of another one")
	}
}

func TestNoFunctionIsToldAfterNil(t *testing.T) {
	ambientOnly(t)
	got := collectReports(t)
	store.OnLateRead(nil)
	r := store.NewRequest("r")
	r.SetLinger(0)
	var i inheritor
	r.Run(t.Context(), func(context.Context) { i = inherit() })
	i.do(func() { wantCurrent(t, nil) })
	close(i)
	if list := got.of(r); len(list) != 0 {
		t.Errorf("told of %v", list)
	}
}
