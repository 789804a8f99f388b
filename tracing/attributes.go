// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Attributes holds the attributes of spans that are started one after the other with a [Starter],
// in memory that is reused. The zero value is empty; it is not safe for concurrent use.
type Attributes struct {
	// List is what the next span starts with. For the span after it, append to List[:0].
	List []attribute.KeyValue

	// An option with attributes is an interface around their slice, and so an allocation. An option
	// that was made for part of an array sees what that part holds when it is applied, so it is
	// made once for each length.
	options []trace.SpanStartOption // by the length of the part
	array   *attribute.KeyValue     // the first element of the array they are made for
}

// option returns the option with the attributes of a, which must not be empty.
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

// before returns opts after the option with the attributes of a, so that attributes in opts win. It
// may change opts up to their capacity.
func (a *Attributes) before(opts []trace.SpanStartOption) []trace.SpanStartOption {
	if a == nil || len(a.List) == 0 {
		return opts
	}
	return slices.Insert(opts, 0, a.option())
}
