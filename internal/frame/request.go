// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"
	"time"
	"weak"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/expiry"
)

// Request is the part of a store.Request that its frames lead to.
//
// They do so through its Lifetime: an inheritor may hold that for ever, and nothing else.
type Request struct {
	spans Spans // first: a Tree leads to it

	life   atomic.Pointer[Lifetime] // nil: it was never run
	linger expiry.Linger            // of life
	blocks *[]weak.Pointer[block]   // of nested frames; the lock of the Lifetime guards it

	name  atomic.Pointer[string]
	first string        // the first name, most often the only one
	ended [1]overSpan   // where spans has the first that has ended
	left  Remains       // of that
	flags atomic.Uint32 // of named, taken and labels

	own atomic.Pointer[Span] // the server's or the job's, and from the end on what remains of it; nil: none
}

// The flags of a Request.
const (
	named  = 1 << iota // first is taken
	taken              // left is
	labels             // the id is a label too
)

// What store does at a request's end, nil: nothing.
var (
	OnEnded    func(*Request) (left bool) // reports whether something is to be released
	OnReleased func(*Request)
	OnLate     func(*Request) // once per request, of a read after it has expired
	TellsLate  func() bool    // whether there is a function to tell of that: then the request is kept for it
)

// Init makes r, which is zero, a request.
func (r *Request) Init() { r.spans.over = r.ended[:0] }

// Owner returns the T that r is the first field of, nil for nil. All requests of a process are
// of a store.Request.
func Owner[T any](r *Request) *T { return ambient.Cast[T](r) }

// Remains returns what to put into what remains of a span of r. r may be nil.
func (r *Request) Remains() *Remains {
	if r == nil || r.flags.Or(taken)&taken != 0 {
		return new(Remains)
	}
	return &r.left
}

// Life returns r's lifetime, nil before its first run.
func (r *Request) Life() *Lifetime { return r.life.Load() }

// Ended reports whether the last run has returned.
func (r *Request) Ended() bool {
	l := r.life.Load()
	return l != nil && l.Ended()
}

// Keep sees to the release of r, to which something was added.
func (r *Request) Keep(now time.Time) {
	if l := r.life.Load(); l != nil {
		l.Keep(now)
	}
}

// SetLinger sets how long inheritors keep r after its end.
func (r *Request) SetLinger(d time.Duration) {
	r.linger.Set(d)
	if l := r.life.Load(); l != nil {
		l.Linger().Set(d)
	}
}

// SetName sets the label of frames made from now on.
func (r *Request) SetName(name string) {
	at := &r.first
	if r.flags.Or(named)&named != 0 {
		at = new(string)
	}
	*at = name
	r.name.Store(at)
}

// Name returns what SetName has set, "" before.
func (r *Request) Name() string {
	if n := r.name.Load(); n != nil {
		return *n
	}
	return ""
}

// LabelID makes the id a second label of frames made from now on.
func (r *Request) LabelID() { r.flags.Or(labels) }

// IDOf returns the id of a request. store sets it.
var IDOf func(*Request) string

// label returns the label of r's frames. r may be nil.
func (r *Request) label() string {
	if r == nil {
		return ""
	}
	if n := r.name.Load(); n != nil {
		return ambient.Label(*n)
	}
	return ""
}

func (r *Request) idLabel() string {
	if r == nil || r.flags.Load()&labels == 0 {
		return ""
	}
	return IDOf(r)
}

func (r *Request) cut() (left bool) {
	left = r.spans.cut()
	r.settle()
	if OnEnded != nil && OnEnded(r) {
		left = true
	}
	return left
}

func (r *Request) release() {
	r.spans.release()
	if OnReleased != nil {
		OnReleased(r)
	}
}
