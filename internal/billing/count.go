// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// classify counts o as what its facts say now.
func (o *Op) classify() {
	c := o.facts.class()
	// A driver's span below its caller's span is the same statement, whichever is known first.
	if o.skipped || c != none && (o.below[c] || o.within(c)) {
		c = none
	}
	if c != o.class {
		o.uncount()
		o.count(c)
	}
	if c == none {
		return
	}
	b, units := o.bill, o.facts.units(c)
	b.number[c] += units - o.units
	o.units = units
	if o.shape == 0 && !o.quiet {
		o.shape, o.alone = b.shapes.begin(&o.facts, c, o.start)
	}
}

// within reports whether an operation around o counts as c.
func (o *Op) within(c class) bool {
	for e := o.outer; e != nil; e = e.outer {
		if e.class == c && !e.ended {
			return true
		}
	}
	return false
}

func (o *Op) count(c class) {
	if o.class = c; c == none {
		return
	}
	o.bill.total[c].begin(o.start)
	o.bill.wait(o.start)
	for e := o.outer; e != nil; e = e.outer {
		e.below[c] = true
	}
}

// uncount takes o off the bill, as if it had never counted.
func (o *Op) uncount() {
	if o.class == none {
		return
	}
	b := o.bill
	b.number[o.class] -= o.units
	b.total[o.class].end(o.start)
	b.waited(b.began)
	b.shapes.undo(o.shape, o.alone, o.start)
	o.class, o.units, o.shape = none, 0, 0
}

// wait notes that a wait begins at a time that may have passed.
func (b *Bill) wait(at time.Duration) {
	if b.waiters++; b.waiters == 1 {
		b.began = max(at, b.idle)
		b.waiting.begin(b.began)
	}
}

func (b *Bill) waited(at time.Duration) {
	if b.waiters--; b.waiters == 0 {
		b.idle = max(at, b.began)
		b.waiting.end(b.idle)
	}
}

// maxErrorTypes limits the list of error types. The rest count as _OTHER.
const maxErrorTypes = 8

const otherError = "_OTHER" // from the conventions

type errorTypes []ErrorCount

func (e *errorTypes) add(name string) {
	if name == "" {
		name = otherError
	}
	for i := range *e {
		if (*e)[i].Type == name {
			(*e)[i].Count++
			return
		}
	}
	if len(*e) >= maxErrorTypes-1 && name != otherError {
		e.add(otherError)
		return
	}
	*e = append(*e, ErrorCount{name, 1})
}

// list returns a copy, with the most frequent first.
func (e errorTypes) list() []ErrorCount {
	all := append([]ErrorCount(nil), e...)
	slices.SortStableFunc(all, func(a, b ErrorCount) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Type, b.Type)) })
	return all
}
