// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sync"
	"sync/atomic"
)

// Attachment is a value that every Request has one of: made when it is first
// asked for, shared by all goroutines of the Request, and released when the
// Request expires. A Storage is for what a function sets for those below it; an
// Attachment for what they collect together.
//
// An Attachment is safe for concurrent use; whether its values are is theirs to
// say.
type Attachment[T any] struct{ create func(*Request) T }

// NewAttachment returns an Attachment whose values are made by create: once per
// Request, on whichever goroutine asks first. The others wait for it meanwhile, so
// create must not ask for a value of the same Request itself. A nil create panics.
func NewAttachment[T any](create func(*Request) T) *Attachment[T] {
	if create == nil {
		panic("store: NewAttachment with a nil function; pass one that returns the value for a Request")
	}
	return &Attachment[T]{create: create}
}

// Of returns r's value, and makes it if this is the first time, or the first since
// r expired. For a nil r it returns the zero value.
func (a *Attachment[T]) Of(r *Request) T {
	if v, ok := a.Peek(r); ok || r == nil {
		return v
	}
	r.attach.mu.Lock()
	defer r.attach.mu.Unlock()
	if v, ok := a.Peek(r); ok {
		return v
	}
	v := a.create(r)
	r.attach.first.Store(&attached{key: a, value: v, next: r.attach.first.Load()})
	return v
}

// Peek returns r's value if there is one already, else the zero value and false.
func (a *Attachment[T]) Peek(r *Request) (value T, ok bool) {
	if r == nil {
		return value, false
	}
	for e := r.attach.first.Load(); e != nil; e = e.next {
		if e.key == any(a) {
			value, _ = e.value.(T) // not ok: a nil interface
			return value, true
		}
	}
	return value, false
}

// attachments is a list because a Request has two or three, and one that grows at
// its head, because every log line reads it: readers need no lock.
type attachments struct {
	mu    sync.Mutex // held by whoever adds
	first atomic.Pointer[attached]
}

type attached struct {
	key, value any
	next       *attached
}

func (a *attachments) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.first.Store(nil)
}
