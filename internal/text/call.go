// SPDX-License-Identifier: Apache-2.0

package text

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

// Patience is how long a method of a value may take. It is long, because a machine that stalls must
// not cost a text, and because few values ever use it up: while a method has not returned, no other
// method of its type is waited for.
const Patience = time.Second

// Possible errors of a call, beside one that wraps ErrPanic.
var (
	ErrBlocked = errors.New("has not returned")
	ErrExited  = errors.New("called runtime.Goexit")
	ErrPanic   = errors.New("PANIC")
)

// Call returns the result of f, which calls a method of the value of. f runs on its own goroutine,
// with the caller's context, for up to [Patience].
func Call[T any](of any, f func() T) (result T, err error) {
	kind := kindOf(of)
	if stuck.has(kind) {
		return result, ErrBlocked
	}
	c := &call[T]{kind: kind, done: make(chan struct{})}
	go c.run(f)
	if c.wait() {
		return c.result, c.err
	}
	stuck.add(kind, 1)
	if c.ended.CompareAndSwap(false, true) {
		return result, ErrBlocked
	}
	stuck.add(kind, -1)
	<-c.done
	return c.result, c.err
}

// kindOf returns the key by which a method that blocks is remembered: v's type, if it has methods.
// A value without methods blocks because of something in it, which is not known: its key is nil.
// Functions, which share types, have distinct keys.
func kindOf(v any) any {
	switch r := reflect.ValueOf(v); {
	case r.Kind() == reflect.Func:
		return r.Pointer()
	case !r.IsValid(), r.NumMethod() == 0, r.Type().Name() == "" && r.Kind() != reflect.Pointer:
		return nil
	}
	return reflect.TypeOf(v)
}

// maxStuck is how many methods may be stuck before values without methods are not asked any more.
const maxStuck = 64

type call[T any] struct {
	kind   any
	done   chan struct{}
	began  atomic.Bool
	ended  atomic.Bool // it has returned, or is not waited for any more
	result T
	err    error
}

// maxStalls bounds how often a call that has not begun is waited for.
const maxStalls = 10

// wait reports whether the method has returned in time. If the machine is so busy that the method
// has not begun, that is not the method's fault.
func (c *call[T]) wait() bool {
	timer := time.NewTimer(Patience)
	defer timer.Stop()
	for range maxStalls {
		select {
		case <-c.done:
			return true
		case <-timer.C:
		}
		if c.began.Load() {
			break
		}
		timer.Reset(Patience)
	}
	return false
}

func (c *call[T]) run(f func() T) {
	c.began.Store(true)
	c.err = ErrExited
	defer func() {
		if r := recover(); r != nil {
			c.err = fmt.Errorf("%w=%s", ErrPanic, brief(r))
		}
		if !c.ended.CompareAndSwap(false, true) {
			stuck.add(c.kind, -1)
		}
		close(c.done)
	}()
	c.result = f()
	c.err = nil
}

// brief returns the text of a panic's value where the text of a value is being made already. A
// value without a readable text is named by its type.
func brief(r any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("%T", r)
		}
	}()
	switch r := r.(type) {
	case string:
		return Valid(r, maxBrief)
	case error:
		return Valid(r.Error(), maxBrief)
	case bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, uintptr, float32, float64:
		return fmt.Sprint(r)
	}
	return fmt.Sprintf("%T", r)
}

const maxBrief = 256

// stuck counts, for each type, the methods that have not returned in time. It bounds the goroutines
// that they cost, and the time of goroutines that log such values.
var stuck stuckTypes

type stuckTypes struct {
	some  atomic.Int32
	mu    sync.Mutex
	types map[any]int
}

func (s *stuckTypes) has(t any) bool {
	if s.some.Load() == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t == nil {
		return s.types[nil] >= maxStuck
	}
	return s.types[t] > 0
}

func (s *stuckTypes) add(t any, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.types == nil {
		s.types = map[any]int{}
	}
	if s.types[t] += n; s.types[t] == 0 {
		delete(s.types, t)
	}
	s.some.Add(int32(n))
}
