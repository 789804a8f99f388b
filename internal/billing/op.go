// SPDX-License-Identifier: Apache-2.0

package billing

import (
	"cmp"
	"database/sql/driver"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/text"
)

// Op is the operation of a span that may count: a statement, a call or a message.
type Op struct {
	owner any // the span; nil: the span has ended

	bill    *Bill
	outer   *Op // the operation around it; nil: none
	start   time.Duration
	facts   facts
	class   class // none: it does not count
	units   int   // how many it counts as
	below   [classes]bool
	ended   bool
	quiet   bool
	skipped bool // it did nothing
	failed  bool
	// recorded is the type of an error that the span has recorded. It counts if there is no
	// error.type.
	recorded string
	shape    int  // its number in the bill, from 1 on; 0: none
	alone    bool // no other of that shape was under way
}

// Start returns the operation of a span that is started in the request of b. It returns nil if the
// span cannot count. outer is the operation that the parent works in. If quiet is true, repetition is
// expected.
func (b *Bill) Start(outer *Op, name string, kind trace.SpanKind, attributes []attribute.KeyValue, at time.Time, quiet bool) *Op {
	f := facts{kind: kind, name: name}
	f.learn(attributes)
	if !f.mayCount() {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	o := &Op{bill: b, outer: outer.live(b), facts: f, start: b.since(at), quiet: quiet}
	o.classify()
	return o
}

// live returns the innermost operation of b that is under way, from o outward, or nil.
func (o *Op) live(b *Bill) *Op {
	if o == nil || o.bill != b {
		return nil
	}
	for o != nil && o.ended {
		o = o.outer
	}
	return o
}

// Learn takes attributes that the span is given later. They may say better what it is.
func (o *Op) Learn(attributes []attribute.KeyValue) {
	o.bill.mu.Lock()
	defer o.bill.mu.Unlock()
	if !o.ended {
		o.facts.learn(attributes)
		o.classify()
	}
}

// Fail notes that the span has failed. Its error.type says why.
func (o *Op) Fail() {
	o.bill.mu.Lock()
	defer o.bill.mu.Unlock()
	o.failed = o.failed || !o.ended
}

// Record notes err. kind returns the type, which counts if the span does not say one. err and kind
// are called without the lock, because the methods of errors are the user's.
func (o *Op) Record(err error, kind func(error) string) {
	skip, name := text.Is(err, driver.ErrSkip), text.Valid(kind(err), maxErrorType)
	o.bill.mu.Lock()
	defer o.bill.mu.Unlock()
	switch {
	case o.ended:
	case skip: // database/sql tries again in another way: this was no statement
		o.skipped = true
		o.classify()
	default:
		o.failed, o.recorded = true, name
	}
}

// Sent adds sent bytes that no attribute reports.
func (o *Op) Sent(n int64) { o.moved(n, 0) }

// Received adds received bytes that no attribute reports.
func (o *Op) Received(n int64) { o.moved(0, n) }

func (o *Op) moved(sent, received int64) {
	o.bill.mu.Lock()
	defer o.bill.mu.Unlock()
	if !o.ended {
		o.facts.sent, o.facts.received = o.facts.sent+sent, o.facts.received+received
	}
}

// Own makes o the operation of owner, a span that has just started.
func (o *Op) Own(owner any) { o.owner = owner }

// Is reports whether o is owner's own operation, not one around it, and under way.
func (o *Op) Is(owner any) bool {
	o.bill.mu.Lock()
	defer o.bill.mu.Unlock()
	return o.owner == owner
}

// End ends o when its span ends. Later calls do nothing.
func (o *Op) End(at time.Time) {
	b := o.bill
	b.mu.Lock()
	defer b.mu.Unlock()
	if o.ended {
		return
	}
	o.ended, o.owner = true, nil
	if o.class == none {
		return
	}
	end := max(b.since(at), o.start)
	b.total[o.class].end(end)
	b.waited(end)
	b.shapes.end(o.shape, end)
	b.sent, b.read = b.sent+o.facts.sent, b.read+o.facts.received
	if o.failed || o.facts.errorType != "" {
		b.errors.add(cmp.Or(o.facts.errorType, o.recorded))
	}
}
