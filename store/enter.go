// SPDX-License-Identifier: Apache-2.0

package store

import (
	"github.com/asynclocal/asynclocal/internal/ambient"
	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/watch"
)

// EnterWith sets s to value for the rest of the calling goroutine's scope: until
// leave is called or the innermost enclosing Run, of whatever Storage, returns.
// Prefer Run; EnterWith is for places that have no function to wrap, and for
//
//	defer s.EnterWith(value)()
//
// leave undoes this EnterWith and nothing else, in whatever order several of them leave: s gets
// back the value from before it, other Storages keep their values. leave changes nothing if s has
// been set to something else since, if it is called on a goroutine that does not run with this
// value, or if it is called a second time.
//
// Pitfall: on a goroutine without an enclosing Run the value stays until the goroutine ends. A
// worker that enters and never leaves carries it into the next job, an HTTP handler into the
// connection's next request, a finalizer into the next one. A Run cannot forget to leave.
func (s *Storage[T]) EnterWith(value T) (leave func()) {
	if !ambient.On() {
		return func() {}
	}
	e, before := frame.Enter(&s.key, value)
	return func() { frame.Leave(e, before) }
}

// Disable unsets s in the current scope: until the innermost enclosing Run
// returns, or else for the rest of the goroutine.
func (s *Storage[T]) Disable() {
	frame.Disable(&s.key)
}

// Exit calls f outside every context: no Storage is set, there is no Request and
// Context returns context.Background. Use it for goroutines that outlive the request
// that happens to start them: caches, pools, connections.
func Exit(f func()) {
	needFunc("Exit", f != nil)
	before := ambient.Get()
	slot := frame.Begin(before, outside(before))
	defer frame.Return(before, slot)
	f()
}

func outside(under ambient.Slot) ambient.Slot {
	if watch.On() != nil {
		return frame.Exited(under)
	}
	return frame.Outside(under)
}
