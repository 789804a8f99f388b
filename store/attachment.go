// SPDX-License-Identifier: Apache-2.0

package store

import "sync"

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
	if v, ok := a.find(r); ok {
		return v
	}
	v := a.create(r)
	r.attach.list = append(r.attach.list, attached{a, v})
	return v
}

// Peek returns r's value if there is one already, else the zero value and false.
func (a *Attachment[T]) Peek(r *Request) (value T, ok bool) {
	if r == nil {
		return value, false
	}
	r.attach.mu.RLock()
	defer r.attach.mu.RUnlock()
	return a.find(r)
}

func (a *Attachment[T]) find(r *Request) (value T, ok bool) {
	for i := range r.attach.list {
		if r.attach.list[i].key == any(a) {
			value, _ = r.attach.list[i].value.(T) // not ok: a nil interface
			return value, true
		}
	}
	return value, false
}

// attachments is a list because a Request has two or three.
type attachments struct {
	mu   sync.RWMutex
	list []attached
}

type attached struct{ key, value any }

func (a *attachments) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = nil
}
