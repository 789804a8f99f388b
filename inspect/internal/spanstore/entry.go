// SPDX-License-Identifier: Apache-2.0

package spanstore

import (
	"container/list"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

const (
	maxEntryLinks = 64 // distinct traces followed per trace

	// MaxFamily is how many traces are shown, and evicted, as one request.
	MaxFamily = 64

	// The memory for an entry and its index entries. A test checks it against the heap.
	entryOverhead = 1600
	idOverhead    = 192
)

// Entry is what the store holds of one trace, or of a request id whose lines carry no trace. The
// Store's mutex guards the fields; spans and logs only ever grow, so a reader may keep a copy of
// the slice and read it without the lock.
type Entry struct {
	trace   telemetry.TraceID
	spans   []*telemetry.Span
	logs    []*telemetry.LogRecord
	ids     set[string]
	links   set[telemetry.TraceID]
	sources set[*telemetry.Source]
	bytes   int // its own, without what it shares
	shared  int // of its sources, which other entries may have, too
	shown   int // of what readers made from it
	dropped int
	seq     uint64
	round   uint64 // of the export that renewed it last
	last    time.Time
	elem    *list.Element
	Made    atomic.Value // by a reader, from this entry
	Making  sync.Mutex   // of Made, by one reader for all
}

// Part is an entry's content as of one moment.
type Part struct {
	Trace telemetry.TraceID
	Spans []*telemetry.Span
	Logs  []*telemetry.LogRecord
}

func (e *Entry) part() Part { return Part{Trace: e.trace, Spans: e.spans, Logs: e.logs} }

func (e *Entry) addLink(t telemetry.TraceID) (added bool) {
	if len(e.links.list) >= maxEntryLinks {
		return false
	}
	_, added = e.links.add(t)
	return added
}
