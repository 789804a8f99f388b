// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// Request is the part of a store.Request that its frames lead to.
type Request struct {
	Lifetime
	Owner any // the store.Request

	name   atomic.Pointer[string]
	first  string      // the first name, most often the only one
	named  atomic.Bool // first is taken
	labels atomic.Bool // the id too
	spans  Spans
}

// What store does at a request's end, nil: nothing.
var (
	OnEnded    func(*Request) (left bool) // reports whether something is to be released
	OnReleased func(*Request)
	OnLate     func(*Request) // once per request, of a read after it has expired
)

// Init makes r, which is zero, a request of owner's.
func (r *Request) Init(owner any) {
	r.Owner = owner
	r.Term.Init(&r.Lifetime)
}

// SetName sets the label of frames made from now on.
func (r *Request) SetName(name string) {
	at := &r.first
	if r.named.Swap(true) {
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
func (r *Request) LabelID() { r.labels.Store(true) }

// IDOf returns the id of an Owner. store sets it.
var IDOf func(owner any) string

func (l *Lifetime) label() string {
	if l.request() == nil {
		return ""
	}
	if n := l.request().name.Load(); n != nil {
		return ambient.Label(*n)
	}
	return ""
}

func (l *Lifetime) idLabel() string {
	if l.request() == nil || !l.request().labels.Load() {
		return ""
	}
	return IDOf(l.request().Owner)
}

func (r *Request) cut() (left bool) {
	r.spans.part()
	left = r.spans.any()
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
