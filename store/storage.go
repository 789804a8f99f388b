// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/bindings"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// Ambient reports whether contexts travel with goroutines. It is false with the build tag
// asynclocal_noambient, or on a runtime that failed the check at start-up (AmbientError says
// which). Then Run and the like just call their function, and only what a context.Context carries
// is found.
func Ambient() bool { return ambient.On() }

// AmbientError returns why Ambient is false, or nil if it is true.
func AmbientError() error {
	if ambient.On() {
		return nil
	}
	return ambientError(ambient.Why())
}

type ambientError string

func (e ambientError) Error() string { return string(e) }

// Storage is an AsyncLocalStorage: it holds a value of type T for the duration of a function and of
// everything that the function starts. Make one per kind of value, in a package-level variable.
//
// A Storage is safe for concurrent use. The zero value is a Storage without a name whose default is
// T's zero value. It must not be copied after first use: its address is its identity.
type Storage[T any] struct {
	key bindings.Key
	def T
}

// New returns a Storage that reads as defaultValue where it is not set. The name is for people and
// need not be unique.
func New[T any](name string, defaultValue T) *Storage[T] {
	s := &Storage[T]{def: defaultValue}
	bindings.InitKey[T](&s.key, name)
	if w := watch.On(); w != nil {
		stored(w, name)
	}
	return s
}

// Name returns the name given to New.
func (s *Storage[T]) Name() string { return s.key.Name }

// Run calls f with s set to value, for f and for every goroutine that it starts. However f ends,
// including by panic or runtime.Goexit, the calling goroutine gets its whole previous context back:
// what EnterWith or Disable did inside f, to any Storage, does not leak out.
//
// The zero value, nil and a typed nil are values like any other. A nil f panics, here and in every
// function that takes one.
func (s *Storage[T]) Run(value T, f func()) {
	needFunc("Storage.Run", f != nil)
	before := ambient.Get()
	slot := frame.Begin(before, frame.With(before, &s.key, value))
	defer frame.Return(before, slot)
	f()
	if w := watch.On(); w != nil {
		tellReplaced(w, entry(f), nil)
	}
}

// Call is Run with a result. To return an error too, assign it to a variable in f.
func Call[T, R any](s *Storage[T], value T, f func() R) R {
	needFunc("Call", f != nil)
	before := ambient.Get()
	slot := frame.Begin(before, frame.With(before, &s.key, value))
	defer frame.Return(before, slot)
	return f()
}

// Exit calls f with s unset, so that it reads as the default, and restores the
// whole context as Run does.
func (s *Storage[T]) Exit(f func()) {
	needFunc("Storage.Exit", f != nil)
	before := ambient.Get()
	slot := frame.Begin(before, frame.Without(before, &s.key))
	defer frame.Return(before, slot)
	f()
}

// GetStore returns the value that the calling goroutine runs with. If s is not set, it returns the
// default and false.
func (s *Storage[T]) GetStore() (value T, ok bool) {
	slot := ambient.Get()
	if v := frame.Direct(slot); v != nil {
		h := v.At(&s.key)
		if h.Binds(&s.key) {
			return ambient.Cast[bindings.Binding[T]](h).Value, true
		}
		if h = h.Below(&s.key); h.Binds(&s.key) {
			return ambient.Cast[bindings.Binding[T]](h).Value, true
		}
	}
	return s.search(slot)
}

// search is GetStore if that takes more than a glance.
func (s *Storage[T]) search(slot ambient.Slot) (value T, ok bool) {
	if slot.Empty() {
		return s.def, false
	}
	if v := frame.Search(slot); v != nil {
		return s.valueOf(v.Find(&s.key))
	}
	return s.valueOf(frame.Get(slot, &s.key))
}

func (s *Storage[T]) valueOf(h *bindings.Head) (value T, ok bool) {
	if h == nil {
		return s.def, false
	}
	return ambient.Cast[bindings.Binding[T]](h).Value, true
}

// In other packages, a generic function inlines only what this package has inlined somewhere: this
// line makes the compiler do so here.
var _ = []any{(*Storage[struct{}]).GetStore, (*Storage[struct{}]).From}

// Get returns the value that the calling goroutine runs with, or the default.
func (s *Storage[T]) Get() T {
	v, _ := s.GetStore()
	return v
}

// From returns the value that ctx carries, else the one that the calling goroutine runs with, else
// the default and false. If ctx and the goroutine belong to different requests, only ctx counts. A
// nil ctx carries nothing.
func (s *Storage[T]) From(ctx context.Context) (value T, ok bool) {
	if c, ok := ctx.(*frame.Context); ok {
		h := c.At(&s.key)
		if h.Binds(&s.key) {
			return ambient.Cast[bindings.Binding[T]](h).Value, true
		}
		if h = h.Below(&s.key); h.Binds(&s.key) {
			return ambient.Cast[bindings.Binding[T]](h).Value, true
		}
	}
	return s.valueOf(frame.Lookup(ctx, &s.key))
}

// With returns a copy of ctx that carries value. The goroutine's own context is
// untouched: GetStore does not see the value, From(ctx) does, and RunContext
// makes it ambient. A nil ctx counts as context.Background.
func (s *Storage[T]) With(ctx context.Context, value T) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	return frame.WithValue(ctx, &s.key, value)
}
