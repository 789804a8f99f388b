// SPDX-License-Identifier: Apache-2.0

package store

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/frame"
)

// The kinds of bound work that this package starts. A Resource has the kind that the user gave it.
const (
	KindBind    = "bind"    // Bind, BindFunc
	KindGo      = "go"      // Go
	KindTimer   = "timer"   // AfterFunc
	KindContext = "context" // ContextAfterFunc
)

// Task is one execution of bound work.
type Task struct {
	// ID is the execution's own number; for a Resource's Run, the Resource's ID.
	ID uint64
	// TriggerID is the task that bound the work, or 0 if no observed task did.
	TriggerID uint64
	Kind      string
	// Request is the one that the work was bound in, or nil.
	Request *Request
	// Run is the number of this execution. It is the ID, except for a Resource, which may be run
	// many times, also concurrently. It pairs an End with its Start.
	Run uint64
	// Returned is set at the End, unless the work panicked or exited its goroutine.
	Returned bool

	entry uintptr // of the function
}

// Function returns the name of the bound function, as a traceback prints it:
// "example.com/shop/order.(*Shop).Place.func1". For the zero Task it returns "".
func (t Task) Function() string {
	f := runtime.FuncForPC(t.entry)
	if f == nil {
		return ""
	}
	return strings.TrimSuffix(f.Name(), "-fm") // a method that was bound as a value
}

// Observer is told of tasks, on their own goroutine and in their context: Start is called before
// the work and End after it, even if the work panics. Either may be nil. They may be called
// concurrently, and should be quick.
type Observer struct {
	Start func(Task)
	End   func(Task)
}

var (
	taskIDs    atomic.Uint64
	observers  atomic.Pointer[[]*Observer]
	observerMu sync.Mutex
)

// Observe tells o of every task that starts from now on, until stop is called; a task that has
// started by then still gets its End. Calling stop again does nothing. Without an observer, tasks
// have no ids and cost nothing. It is process-wide.
//
// It sees only bound work: the runtime does not report go statements.
func Observe(o Observer) (stop func()) {
	added := &o
	changeObservers(func(list []*Observer) []*Observer { return append(list, added) })
	return func() {
		changeObservers(func(list []*Observer) []*Observer {
			return slices.DeleteFunc(list, func(p *Observer) bool { return p == added })
		})
	}
}

func changeObservers(change func([]*Observer) []*Observer) {
	observerMu.Lock()
	defer observerMu.Unlock()
	var list []*Observer
	if p := observers.Load(); p != nil {
		list = slices.Clone(*p)
	}
	if list = change(list); len(list) == 0 {
		observers.Store(nil)
		return
	}
	observers.Store(&list)
}

// TaskID returns the id of the task that the calling goroutine works for: that of the innermost
// Resource.Run or observed bound work, or 0.
func TaskID() uint64 {
	p := frame.CurrentFrame()
	if p == nil {
		return 0
	}
	return p.Task()
}

// work runs f in s as bound work of the given kind. function is the user's: f, or what f calls.
func (s Snapshot) work(kind string, function any, f func()) {
	list := observers.Load()
	if list == nil {
		s.Run(f)
		return
	}
	id := taskIDs.Add(1)
	s.observed(*list, s.newTask(id, id, kind, function), f)
}

func (s Snapshot) newTask(id, run uint64, kind string, function any) Task {
	t := Task{ID: id, TriggerID: s.kept.Task(), Kind: kind, Run: run, entry: reflect.ValueOf(function).Pointer()}
	t.Request, _ = owner(s.kept.Owner())
	return t
}

func (s Snapshot) observed(list []*Observer, t Task, f func()) {
	s.kept = s.kept.InTask(t.ID)
	s.Run(func() {
		for _, o := range list {
			if o.Start != nil {
				o.Start(t)
			}
		}
		defer func() {
			for _, o := range list {
				if o.End != nil {
					o.End(t)
				}
			}
		}()
		f()
		t.Returned = true
	})
}
