// SPDX-License-Identifier: Apache-2.0

package frame

import "sync/atomic"

// spanLabel is the profiler label for the id of the outermost span; nil: none.
var spanLabel atomic.Pointer[string]

// LabelSpans makes key a profiler label of frames made from now on, with what
// Span.Label says of their outermost span. With an empty key none has one.
func LabelSpans(key string) {
	if key == "" {
		spanLabel.Store(nil)
		return
	}
	spanLabel.Store(&key)
}

// mark labels f, which is not in a slot yet and whose span a is. What f took over
// from the goroutine may be the label of another's span.
func (a *Active) mark(f *Frame) {
	key := spanLabel.Load()
	if key == nil {
		return
	}
	value := ""
	if a != nil {
		value = a.outermost().Span.Label()
	}
	f.SetLabel(*key, value)
}
