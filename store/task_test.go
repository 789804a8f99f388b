// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynclocal/asynclocal/store"
)

// here is this package, as the runtime names it.
const here = "github.com/asynclocal/asynclocal/store_test"

// journal notes what an Observer is told. Tests that use one are not parallel:
// observing is process-wide.
//
// It leaves out the work of other tests: one of their goroutines may begin as late as the
// scheduler likes.
type journal struct {
	test  string
	mu    sync.Mutex
	lines []string
	tasks []store.Task
}

func newJournal(t *testing.T) *journal { return &journal{test: t.Name()} }

func (j *journal) note(line string, t store.Task) {
	if f := t.Function(); strings.HasPrefix(f, here+".Test") && !strings.HasPrefix(f, here+"."+j.test+".") {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines, j.tasks = append(j.lines, line), append(j.tasks, t)
}

func (j *journal) observer() store.Observer {
	return store.Observer{
		Start: func(t store.Task) { j.note("start "+t.Kind, t) },
		End:   func(t store.Task) { j.note("end "+t.Kind, t) },
	}
}

func (j *journal) want(t *testing.T, lines ...string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.Equal(j.lines, lines) {
		t.Errorf("observed %q, want %q", j.lines, lines)
	}
}

// wait returns when j has n lines.
func (j *journal) wait(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		j.mu.Lock()
		got := len(j.lines)
		j.mu.Unlock()
		if got >= n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("observed %d lines, want %d", got, n)
		}
	}
}

func TestAnObserverIsToldOfEveryKindOfBoundWork(t *testing.T) {
	for _, tt := range []struct {
		kind  string
		start func(f func())
	}{
		{store.KindGo, store.Go},
		{store.KindTimer, func(f func()) { store.AfterFunc(0, f) }},
		{store.KindContext, func(f func()) {
			ctx, cancel := context.WithCancel(t.Context())
			store.ContextAfterFunc(ctx, f)
			cancel()
		}},
		{store.KindBind, func(f func()) { store.Bind(f)() }},
		{store.KindBind, func(f func()) { store.BindFunc(func(int) { f() })(1) }},
		{store.KindBind, func(f func()) { _ = store.BindFunc(func() error { f(); return nil })() }},
		{"conn", func(f func()) { store.NewResource("conn").Run(f) }},
		{"conn", func(f func()) { store.NewResource("conn").Bind(f)() }},
	} {
		j := newJournal(t)
		stop := store.Observe(j.observer())
		tt.start(func() { j.note("the work", store.Task{}) })
		j.wait(t, 3)
		stop()
		j.want(t, "start "+tt.kind, "the work", "end "+tt.kind)
		start, end := j.tasks[0], j.tasks[2]
		if start.Returned || !end.Returned || start.ID == 0 {
			t.Errorf("%s started as %v and ended as %v", tt.kind, start, end)
		}
		if start.Returned = true; start != end {
			t.Errorf("%s started as %v and ended as %v", tt.kind, start, end)
		}
		if f := start.Function(); !strings.HasPrefix(f, here+".TestAnObserverIsToldOfEveryKindOfBoundWork.") {
			t.Errorf("%s is of the function %q", tt.kind, f)
		}
	}
}

func TestATaskKnowsItsRequestAndWhoTriggeredIt(t *testing.T) {
	ambientOnly(t)
	j := newJournal(t)
	defer store.Observe(j.observer())()
	r := store.NewRequest("r")
	resource := make(chan *store.Resource, 1)
	r.Run(t.Context(), func(context.Context) {
		store.Bind(func() {
			store.Bind(func() {})()
			resource <- store.NewResource("conn")
		})()
	})
	store.Bind(func() {})()
	made := <-resource
	made.Run(func() {})

	j.want(t, "start bind", "start bind", "end bind", "end bind", "start bind", "end bind", "start conn", "end conn")
	outer, inner, outside, conn := j.tasks[0], j.tasks[1], j.tasks[4], j.tasks[6]
	for _, tt := range []struct {
		name    string
		task    store.Task
		trigger uint64
		kind    string
		request *store.Request
	}{
		{"one bound in a request", outer, 0, "bind", r},
		{"one bound by that", inner, outer.ID, "bind", r},
		{"one bound outside", outside, 0, "bind", nil},
		{"a resource made by the first", conn, outer.ID, "conn", r},
	} {
		if tt.task.TriggerID != tt.trigger || tt.task.Kind != tt.kind || tt.task.Request != tt.request {
			t.Errorf("%s is %+v, want one of kind %s, triggered by %d in %v", tt.name, tt.task, tt.kind, tt.trigger, tt.request)
		}
	}
	if conn.ID != made.ID() {
		t.Errorf("the resource's task is %d, want %d", conn.ID, made.ID())
	}
	if made.TriggerID() != outer.ID {
		t.Errorf("the resource's trigger is %d, want the task %d", made.TriggerID(), outer.ID)
	}
	if ids := map[uint64]bool{outer.ID: true, inner.ID: true, outside.ID: true, conn.ID: true}; len(ids) != 4 {
		t.Errorf("the ids are not four: %v", ids)
	}
}

func TestEachRunOfABoundFunctionIsATaskAndARunOfAResourceIsTheResource(t *testing.T) {
	j := newJournal(t)
	defer store.Observe(j.observer())()
	bound, resource := store.Bind(func() {}), store.NewResource("conn")
	bound()
	bound()
	resource.Run(func() {})
	resource.Run(func() {})
	if len(j.tasks) != 8 {
		t.Fatalf("observed %q", j.lines)
	}
	if j.tasks[0].ID == j.tasks[2].ID {
		t.Error("two runs of a bound function are one task")
	}
	if j.tasks[4].ID != resource.ID() || j.tasks[6].ID != resource.ID() {
		t.Errorf("the resource's tasks are %d and %d, want %d", j.tasks[4].ID, j.tasks[6].ID, resource.ID())
	}
	runs := map[uint64]int{}
	for _, task := range j.tasks {
		runs[task.Run]++
	}
	if len(runs) != 4 || runs[j.tasks[0].Run] != 2 || j.tasks[4].Run != j.tasks[5].Run {
		t.Errorf("the numbers of four runs are %v", runs)
	}
}

func TestObserversAreToldInTheTasksContext(t *testing.T) {
	ambientOnly(t)
	s := store.New("s", "outside")
	var seen []string
	note := func(what string) func(store.Task) {
		return func(task store.Task) {
			seen = append(seen, fmt.Sprint(what, " ", s.Get(), " ", store.TaskID() == task.ID))
		}
	}
	defer store.Observe(store.Observer{Start: note("start"), End: note("end")})()
	var bound func()
	s.Run("bound", func() { bound = store.Bind(func() { s.EnterWith("changed") }) })
	bound()
	want := []string{"start bound true", "end changed true"}
	if !slices.Equal(seen, want) {
		t.Errorf("the observer read %q, want %q", seen, want)
	}
}

func TestTheEndIsToldAlsoOfAPanicAndOfGoexit(t *testing.T) {
	j := newJournal(t)
	stop := store.Observe(j.observer())
	wantPanic(t, "boom", store.Bind(func() { panic("boom") }))
	await(store.Bind(runtime.Goexit))
	stop()
	j.want(t, "start bind", "end bind", "start bind", "end bind")
	for _, task := range j.tasks {
		if task.Returned {
			t.Errorf("%+v has returned", task)
		}
	}
}

func idle() {}

type callee struct{ called bool }

func (c *callee) call() { c.called = true }

func TestATaskIsNamedAfterTheFunctionThatWasBound(t *testing.T) {
	j := newJournal(t)
	defer store.Observe(j.observer())()
	store.OnPanic(func(any) {})
	defer store.OnPanic(nil)
	store.Bind(new(callee).call)()
	store.Go(idle)
	j.wait(t, 4)
	var names []string
	for _, task := range j.tasks {
		if task.Returned {
			names = append(names, task.Function())
		}
	}
	if want := []string{here + ".(*callee).call", here + ".idle"}; !slices.Equal(names, want) {
		t.Errorf("the functions are %q, want %q", names, want)
	}
	if name := (store.Task{}).Function(); name != "" {
		t.Errorf("the zero Task is of the function %q", name)
	}
}

func TestAnObserverIsToldNothingThatStartsAfterStop(t *testing.T) {
	one, two := newJournal(t), newJournal(t)
	stopOne, stopTwo := store.Observe(one.observer()), store.Observe(two.observer())
	store.Bind(stopOne)()
	store.Bind(func() {})()
	stopOne()
	stopTwo()
	store.Bind(func() {})()
	one.want(t, "start bind", "end bind") // what has started also ends
	two.want(t, "start bind", "end bind", "start bind", "end bind")
}

func TestEitherHalfOfAnObserverMayBeMissing(t *testing.T) {
	defer store.Observe(store.Observer{})()
	called := false
	store.Bind(func() { called = true })()
	if !called {
		t.Error("the work was not called")
	}
}

func TestTasksHaveNoIDsWithoutAnObserver(t *testing.T) {
	store.Bind(func() {
		if got := store.TaskID(); got != 0 {
			t.Errorf("TaskID() = %d, without an observer", got)
		}
	})()
}

func TestObserversMayComeAndGoWhileTasksRun(t *testing.T) {
	var wg sync.WaitGroup
	j := newJournal(t)
	for range 4 {
		wg.Go(func() {
			for range 200 {
				store.Bind(func() {})()
			}
		})
		wg.Go(func() {
			for range 100 {
				store.Observe(j.observer())()
			}
		})
	}
	wg.Wait()
	if len(j.lines)%2 != 0 {
		t.Errorf("%d lines: a start or an end is missing", len(j.lines))
	}
}
