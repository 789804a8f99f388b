// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sync"
	"sync/atomic"
	"time"
)

// Attachment is a value that every Request has one of: made when it is first
// asked for, shared by all goroutines of the Request, and released when the
// Request expires. A Storage is for what a function sets for those below it; an
// Attachment for what they collect together.
//
// An Attachment is safe for concurrent use; its values are if their type is.
type Attachment[T any] struct{ create func(*Request) T }

// NewAttachment returns an Attachment whose values are made by create: once per
// Request, on whichever goroutine asks first. Others that ask for this value wait for it
// meanwhile, and nothing else does: create may log, start spans and ask for other
// Attachments of the same Request. It must not ask for the value that it makes: it would
// wait for itself. A nil create panics.
func NewAttachment[T any](create func(*Request) T) *Attachment[T] {
	if create == nil {
		panic("store: NewAttachment with a nil function; pass one that returns the value for a Request")
	}
	return &Attachment[T]{create: create}
}

// Of returns r's value, and makes it if this is the first time, or the first since
// r expired. For a nil r it returns the zero value.
func (a *Attachment[T]) Of(r *Request) T {
	if r == nil {
		var zero T
		return zero
	}
	e := r.attach.find(a)
	if e == nil {
		e = r.attach.add(a)
		if r.core.Ended() {
			r.core.Keep(time.Now())
		}
	}
	return a.value(e, r)
}

// Peek returns r's value if there is one already, else the zero value and false.
func (a *Attachment[T]) Peek(r *Request) (value T, ok bool) {
	if r == nil {
		return value, false
	}
	e := r.attach.find(a)
	if e == nil || !e.made.Load() {
		return value, false
	}
	value, _ = e.value.(T) // not ok: a nil interface
	return value, true
}

func (a *Attachment[T]) value(e *attached, r *Request) T {
	if !e.made.Load() {
		e.make(func() any { return a.create(r) })
	}
	value, _ := e.value.(T)
	return value
}

// attachments is a list because a Request has two or three, and one that grows at
// its head, because every log line reads it: readers need no lock.
type attachments struct{ first atomic.Pointer[attached] }

// attached is one value, with a lock of its own while it is made: create is the user's,
// and may come back for another.
type attached struct {
	key, value any
	next       *attached
	made       atomic.Bool
	mu         sync.Mutex
}

func (a *attachments) find(key any) *attached { return a.first.Load().find(key) }

func (e *attached) find(key any) *attached {
	for ; e != nil; e = e.next {
		if e.key == key {
			return e
		}
	}
	return nil
}

// add returns the entry of key. It looks for one in the very list that it puts its own in
// front of: one that was added since the caller looked must not be hidden by a second.
func (a *attachments) add(key any) *attached {
	added := &attached{key: key}
	for {
		added.next = a.first.Load()
		if e := added.next.find(key); e != nil {
			return e
		}
		if a.first.CompareAndSwap(added.next, added) {
			return added
		}
	}
}

func (e *attached) make(create func() any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.made.Load() {
		e.value = create()
		e.made.Store(true)
	}
}

func (a *attachments) release() { a.first.Store(nil) }
