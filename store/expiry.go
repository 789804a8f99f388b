// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/goroutine"
	"github.com/asynclocal/asynclocal/internal/watch"
)

func init() {
	frame.IDOf = func(f *frame.Request) string { return of(f).id }
	frame.OnEnded = func(f *frame.Request) bool { return of(f).attach.first.Load() != nil || watch.On() != nil }
	frame.OnReleased = released
	frame.OnLate = reportLate
	frame.TellsLate = func() bool { return onLateRead.Load() != nil || watch.On() != nil }
}

// LateRead is the first read, after a Request has expired, by a goroutine that had
// inherited it.
type LateRead struct {
	Request *Request
	// CreatedBy is the go statement that started the goroutine, as tracebacks print it: "created by
	// main.refresh in goroutine 7\n\t/src/main.go:12 +0x1d". Apply the cure there: store.Go if the
	// goroutine works for the request, store.Exit around the go statement if it does not. For a
	// goroutine that errgroup or WaitGroup.Go started it is the line in their code. Empty for the
	// main goroutine.
	CreatedBy string
}

var onLateRead atomic.Pointer[func(LateRead)]

// OnLateRead sets the function that is told of late reads, once per Request, on the goroutine that
// read, where everything is unset. The default is nil: late reads are not reported. It is
// process-wide, and may be called concurrently with reads. Set it when the program starts: it is
// not told of Requests whose linger was over before, because nothing is left of those. While it is
// set, a Request that left a goroutine behind is kept until f has been told of it.
func OnLateRead(f func(LateRead)) {
	if f == nil {
		onLateRead.Store(nil)
		return
	}
	onLateRead.Store(&f)
}

func released(f *frame.Request) {
	of(f).attach.release()
	if w := watch.On(); w != nil {
		w.Over(f)
	}
}

func of(f *frame.Request) *Request { return frame.Owner[Request](f) }

func reportLate(late *frame.Request) {
	if w := watch.On(); w != nil {
		w.Late(late)
	}
	if f := onLateRead.Load(); f != nil {
		(*f)(LateRead{Request: of(late), CreatedBy: goroutine.CreatedBy()})
	}
}
