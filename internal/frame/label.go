// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// spanLabel is the profiler label for the id of the outermost span; nil: none.
var spanLabel atomic.Pointer[string]

// LabelSpans makes key a profiler label of frames made from now on, with what
// Source.Label says of their outermost span. With an empty key none has one.
func LabelSpans(key string) {
	if key == "" {
		spanLabel.Store(nil)
		return
	}
	spanLabel.Store(&key)
}

// Outside returns the slot that follows under outside of every context: the user's
// labels alone.
func Outside(under ambient.Slot) ambient.Slot {
	s := ambient.Without(under)
	if key := spanLabel.Load(); key != nil {
		return ambient.WithoutLabel(s, *key)
	}
	return s
}

// mark labels f, which is not in a slot yet and whose span a is. What f took over
// from the goroutine may be the label of another's span.
func (a *ActiveSpan) mark(f *Frame) {
	key := spanLabel.Load()
	if key == nil {
		return
	}
	value := ""
	if s := a.outermost(); s != nil {
		value = s.Label()
	}
	f.SetLabel(*key, value)
}

func (a *ActiveSpan) outermost() *Span {
	if a == nil {
		return nil
	}
	if t := a.spans(); t != nil {
		return t.top(a)
	}
	return a.span.Load()
}
