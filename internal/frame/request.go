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
// They lead to it through its Lifetime, which is all that an inheritor may hold forever.
type Request struct {
	spans Spans // first: a Tree leads to it

	life   atomic.Pointer[Lifetime] // nil: the request was never run
	linger expiry.Linger            // of life
	blocks *[]weak.Pointer[block]   // of nested frames; the lock of the Lifetime guards it

	name  atomic.Pointer[string]
	first string               // the first name, most often the only one
	left  Remains              // what remains of the first span that has ended
	own   atomic.Pointer[Span] // the server's or the job's span, after the end what remains of it; nil: none
	flags atomic.Uint32        // named, taken and labels
}

// The flags of a Request.
const (
	named  = 1 << iota // first is taken
	taken              // left is taken
	labels             // the id is a label too
)

// What store does at a request's end. A nil function does nothing.
var (
	OnEnded    func(*Request) (left bool) // reports whether something is to be released
	OnReleased func(*Request)
	OnLate     func(*Request) // called once per request, for a read after it has expired
	TellsLate  func() bool    // whether a late read is reported: then the request is kept for that
)

// Owner returns the T whose first field is r, or nil if r is nil. In a process each Request is part
// of a store.Request.
func Owner[T any](r *Request) *T { return ambient.Cast[T](r) }

// Remains returns the place for what remains of a span of r. r may be nil.
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

// Keep schedules the release of r, after something was added to it.
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

// Name returns the name that SetName has set, or "".
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
	r.left.hex.Store(nil)
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
