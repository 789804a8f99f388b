// SPDX-License-Identifier: Apache-2.0

package spanstore

import (
	"container/list"
	"sync"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// Store holds the telemetry, bounded by bytes and by age. It always evicts whole requests: a trace
// and the traces that link back to it, such as its jobs'.
type Store struct {
	maxBytes   int
	maxRequest int
	maxAge     time.Duration

	mu      sync.Mutex
	order   *list.List // of *entry, the longest silent first
	traces  map[telemetry.TraceID]*Entry
	ids     map[string][]*Entry            // by request id
	linked  map[telemetry.TraceID][]*Entry // by the trace they link to, which need not be here
	sources map[telemetry.SourceKey]*telemetry.Source
	most    struct{ traces, ids, linked, sources int } // the capacities of these
	known   *telemetry.Source                          // of the export being added; equal to
	like    *telemetry.Source                          // this one, which is kept
	bytes   int                                        // held
	flight  int                                        // being received
	small   int                                        // those of them that belong to small bodies
	freed   chan struct{}                              // closed when some of small were given back
	seq     uint64
	round   uint64
	linking []*Entry      // entries with new links in this round
	changed chan struct{} // closed at the next change
	timer   *time.Timer
	own     ownTraces
	closed  bool
	now     time.Time // of the export being added
	stats   Stats
}

// Stats counts since the inspector started.
type Stats struct {
	Spans           uint64 `json:"spans"`
	Logs            uint64 `json:"logs"`
	IgnoredLogs     uint64 `json:"ignored_logs"`     // lines with neither a trace nor a request
	RejectedRecords uint64 `json:"rejected_records"` // malformed, and reported to the sender
	DroppedRecords  uint64 `json:"dropped_records"`  // beyond the limit of one request
	EvictedTraces   uint64 `json:"evicted_traces"`
	MendedRecords   uint64 `json:"mended_records"` // with text that was not UTF-8, and was repaired
}

// New returns an empty Store, bounded by bytes in total and by how long a request may be silent.
func New(maxBytes int, maxAge time.Duration) *Store {
	return &Store{
		maxBytes:   maxBytes,
		maxRequest: maxBytes / allParts * requestParts,
		maxAge:     maxAge,
		order:      list.New(),
		traces:     map[telemetry.TraceID]*Entry{},
		ids:        map[string][]*Entry{},
		linked:     map[telemetry.TraceID][]*Entry{},
		sources:    map[telemetry.SourceKey]*telemetry.Source{},
		changed:    make(chan struct{}),
		freed:      make(chan struct{}),
	}
}

// Add takes some records of an export, few enough that the page need not wait. It copies what it
// keeps, because the records are parts of the export's body; it may drop them.
func (r *Store) Add(b *telemetry.Batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.now = time.Now()
	r.expire(r.now)
	before := r.seq
	r.round++
	for _, t := range b.Own {
		r.ignore(t)
	}
	for _, s := range b.Spans {
		r.addSpan(s)
	}
	for _, l := range b.Logs {
		r.addLog(l)
	}
	r.connect()
	r.known, r.like = nil, nil
	r.makeRoom()
	if r.seq != before {
		r.announce()
		r.schedule(r.now)
	}
}

// Count adds the counts of an export's other records.
func (r *Store) Count(b *telemetry.Batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.IgnoredLogs += uint64(b.Ignored)
	r.stats.RejectedRecords += uint64(b.Rejected)
	r.stats.MendedRecords += uint64(b.Mended)
}

func (r *Store) announce() {
	close(r.changed)
	r.changed = make(chan struct{})
}
