// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"sync/atomic"

	"github.com/asynclocal/asynclocal/internal/ambient"
)

// spanLabel is the profiler label for the id of the outermost span; nil: no such label.
var spanLabel atomic.Pointer[string]

// LabelSpans makes key a profiler label of frames made from now on, with the Source.Label of their
// outermost span. An empty key turns the label off.
func LabelSpans(key string) {
	if key == "" {
		spanLabel.Store(nil)
		return
	}
	spanLabel.Store(&key)
}

// Outside returns the slot that follows under outside every context: only the user's labels.
func Outside(under ambient.Slot) ambient.Slot {
	s := ambient.Without(under)
	if key := spanLabel.Load(); key != nil {
		return ambient.WithoutLabel(s, *key)
	}
	return s
}

// mark labels f, which is not in a slot yet and whose span is a. The label that f took over from
// the goroutine may be that of another span.
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
