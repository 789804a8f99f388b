// SPDX-License-Identifier: Apache-2.0

package doctor

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/asynclocal/asynclocal/doctor/report"
	"github.com/asynclocal/asynclocal/internal/watch"
	"github.com/asynclocal/asynclocal/store"
)

// Finding is one place that loses a context, or did.
type Finding = report.Finding

// doctor is the state of one Start.
type doctor struct {
	ward
	watch watch.Watch
	start string // where it was started: the place of findings that have none

	lost     goroutines
	overs    overs
	stopping chan struct{}
	looking  sync.WaitGroup

	tell    []func(Finding)
	wake    chan struct{}
	done    chan struct{}
	told    sync.WaitGroup
	restore func()
}

// latest is the running doctor, or else the one that ran last.
var latest atomic.Pointer[doctor]

// Start looks for code that loses a context, until stop is called. The findings remain after that,
// until the next Start. stop looks once more at global settings, waits until everything that was
// found is reported, and may be called again.
//
// There is one doctor at a time: Start panics while another is on.
func Start(opts ...Option) (stop func()) {
	c := newConfig(opts)
	d := &doctor{
		overs: overs{due: make(chan struct{}, 1)}, stopping: make(chan struct{}),
		tell: c.tell, wake: make(chan struct{}, 1), done: make(chan struct{}), restore: func() {},
	}
	if _, file, line, ok := runtime.Caller(1); ok {
		d.start = place(file, line)
	}
	d.added = d.nudge
	d.watch = watch.Watch{
		First: d.checkGlobals, Unowned: d.unowned, Foreign: d.foreign, Late: d.late,
		Replaced: d.replaced, Over: d.over, Stored: d.stored, Plain: d.plain,
	}
	if !watch.Start(&d.watch) {
		panic("doctor: Start while a doctor is on; call the stop of the other first")
	}
	latest.Store(d)
	d.checkAmbient()
	if c.transport {
		d.restore = d.watchTransport()
	}
	// Its log lines belong to no request, wherever it is started.
	store.Exit(func() {
		d.told.Go(d.report)
		d.looking.Go(d.lookForHolders)
	})
	return sync.OnceFunc(d.stop)
}

func (d *doctor) stop() {
	if d.watch.Begun() {
		d.checkGlobals()
	}
	watch.Stop(&d.watch)
	d.restore()
	close(d.stopping)
	d.looking.Wait()
	close(d.done)
	d.told.Wait()
}

// Findings returns what was found so far, in the order in which it was first seen. It is empty,
// never nil, before the first Start.
func Findings() []Finding {
	d := latest.Load()
	if d == nil {
		return []Finding{}
	}
	if d.watch.Begun() && watch.On() == &d.watch {
		d.checkGlobals()
	}
	return d.list()
}

// Missed returns how often something was found at places beyond the first [MaxSites].
func Missed() int {
	if d := latest.Load(); d != nil {
		return d.missedSoFar()
	}
	return 0
}

func (d *doctor) nudge() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// report reports each finding once. It runs on its own goroutine, because reporting may log, and a
// finding may be made within a call of that very logger.
func (d *doctor) report() {
	next := 0
	for {
		for _, f := range d.since(next) {
			next++
			for _, tell := range d.tell {
				tell(f)
			}
		}
		select {
		case <-d.wake:
		case <-d.done:
			for _, f := range d.since(next) {
				for _, tell := range d.tell {
					tell(f)
				}
			}
			return
		}
	}
}
