// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Attributes are what spans start with that are started one after the other with
// a [Starter], in memory that is used again. The zero value has none; it is not safe
// for concurrent use.
type Attributes struct {
	// List is what the next span starts with. Append to List[:0] for the one after it.
	List []attribute.KeyValue

	// An option with attributes is an interface around their slice, and so an allocation. One
	// that was made for a part of an array shows what is in that part by the time it is applied:
	// for each length it is made once.
	options []trace.SpanStartOption // by the length of the part
	array   *attribute.KeyValue     // the first of what they are made for
}

// option returns the option with the attributes of a, which are some.
func (a *Attributes) option() trace.SpanStartOption {
	n := len(a.List)
	if first := &a.List[0]; first != a.array || n > len(a.options) {
		a.array, a.options = first, make([]trace.SpanStartOption, cap(a.List))
	}
	o := &a.options[n-1]
	if *o == nil {
		*o = trace.WithAttributes(a.List[:n:n]...)
	}
	return *o
}

// before returns opts, which it may change up to their capacity, after the option with the
// attributes of a, so that attributes in opts win.
func (a *Attributes) before(opts []trace.SpanStartOption) []trace.SpanStartOption {
	if a == nil || len(a.List) == 0 {
		return opts
	}
	return slices.Insert(opts, 0, a.option())
}
