// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// record is one trace, as far as this process has it. A shard's lock guards it.
type record struct {
	id     trace.TraceID
	roots  int    // requests under way
	reason string // why it is exported; "": not decided
	spans  []sdktrace.ReadOnlySpan
	lost   int
	waits  bool      // another process may decide
	until  time.Time // when holding ends

	in         *list
	prev, next *record
}

// records are reused, with the room for their spans, because most requests are dropped.
var records = sync.Pool{New: func() any { return new(record) }}

// maxRoom is the most room for spans that a reused record keeps.
const maxRoom = 256

func (r *record) free() {
	room := r.spans
	clear(room)
	if cap(room) > maxRoom {
		room = nil
	}
	*r = record{spans: room[:0]}
	records.Put(r)
}

// list is a ring of records around its head, the oldest first.
type list struct {
	head record
	n    int
}

func (l *list) init() { l.head.prev, l.head.next = &l.head, &l.head }

// first returns the oldest record, or nil.
func (l *list) first() *record {
	if l.n == 0 {
		return nil
	}
	return l.head.next
}

// oldestBut returns the oldest record that is not r, or nil.
func (l *list) oldestBut(r *record) *record {
	o := l.head.next
	if o == r {
		o = o.next
	}
	if o == &l.head {
		return nil
	}
	return o
}

// move makes r the newest of l.
func (r *record) move(l *list) {
	r.leave()
	r.in, r.prev, r.next = l, l.head.prev, &l.head
	r.prev.next, r.next.prev = r, r
	l.n++
}

func (r *record) leave() {
	if r.in == nil {
		return
	}
	r.in.n--
	r.prev.next, r.next.prev = r.next, r.prev
	r.in, r.prev, r.next = nil, nil, nil
}
