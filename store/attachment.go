// SPDX-License-Identifier: Apache-2.0

package store

import (
	"sync"
	"sync/atomic"
	"time"
)

// Attachment is a value of which every Request has its own: made when it is first asked for, shared
// by all goroutines of the Request, and released when the Request expires. Use a Storage for a
// value that a function sets for its callees, and an Attachment for a value that the functions of a
// Request fill together.
//
// An Attachment is safe for concurrent use; its values are if their type is.
type Attachment[T any] struct{ create func(*Request) T }

// NewAttachment returns an Attachment whose values are made by create, once per Request, on the
// goroutine that asks first. Other goroutines that ask for that value wait; nothing else does:
// create may log, start spans and ask for other Attachments of the same Request. It must not ask
// for the value that it is making, because it would wait for itself. A nil create panics.
func NewAttachment[T any](create func(*Request) T) *Attachment[T] {
	if create == nil {
		panic("store: NewAttachment with a nil function; pass one that returns the value for a Request")
	}
	return &Attachment[T]{create: create}
}

// Of returns r's value. It makes the value on the first call, and on the first call after r has
// expired. For a nil r it returns the zero value.
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

// Peek returns r's value if it has been made, else the zero value and false.
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

// attachments is a list because a Request has two or three. It grows at its head so that readers
// need no lock: every log line reads it.
type attachments struct{ first atomic.Pointer[attached] }

// attached is one value, with its own lock while it is made: create is the user's, and may ask for
// another value.
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

// add returns the entry of key. It searches the same list that it prepends to: an entry that was
// added since the caller searched must not be hidden by a second one.
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
