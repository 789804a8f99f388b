// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"container/list"
	"slices"
	"sync"
	"time"
)

// ring holds the telemetry, bounded by bytes and by age. What is evicted is always a whole request: a
// trace and the traces that link back to it, such as its jobs'.
type ring struct {
	maxBytes   int
	maxRequest int
	maxAge     time.Duration

	mu      sync.Mutex
	order   *list.List // of *entry, the longest silent first
	traces  map[traceID]*entry
	ids     map[string][]*entry  // by request id
	linked  map[traceID][]*entry // by the trace they link to, which need not be here (yet)
	bytes   int
	seq     uint64
	changed chan struct{} // closed at the next change
	timer   *time.Timer
	own     ownTraces
	closed  bool
	now     time.Time // of the export being added
	stats   stats
}

// stats counts since the inspector started.
type stats struct {
	Spans           uint64 `json:"spans"`
	Logs            uint64 `json:"logs"`
	IgnoredLogs     uint64 `json:"ignored_logs"`     // lines that name neither a trace nor a request
	RejectedRecords uint64 `json:"rejected_records"` // malformed, and reported to the sender
	DroppedRecords  uint64 `json:"dropped_records"`  // beyond what one request may take
	EvictedTraces   uint64 `json:"evicted_traces"`
}

func newRing(c *config) *ring {
	return &ring{
		maxBytes:   c.maxBytes,
		maxRequest: c.maxBytes / 4,
		maxAge:     c.maxAge,
		order:      list.New(),
		traces:     map[traceID]*entry{},
		ids:        map[string][]*entry{},
		linked:     map[traceID][]*entry{},
		changed:    make(chan struct{}),
	}
}

func (r *ring) add(b *batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.now = time.Now()
	r.expire(r.now)
	before := r.seq
	for _, t := range b.own {
		r.ignore(t)
	}
	for _, s := range b.spans {
		r.addSpan(s)
	}
	for _, l := range b.logs {
		r.addLog(l)
	}
	r.stats.IgnoredLogs += uint64(b.ignored)
	r.stats.RejectedRecords += uint64(b.rejected)
	for r.bytes > r.maxBytes {
		r.evict(r.order.Front().Value.(*entry))
	}
	if r.seq != before {
		r.announce()
		r.schedule(r.now)
	}
}

func (r *ring) addSpan(s *span) {
	if r.own.has(s.trace) {
		return
	}
	e := r.traces[s.trace]
	if e == nil {
		e = r.newEntry(s.trace)
	}
	r.touch(e)
	if !r.charge(e, s.size()) {
		r.stats.DroppedRecords++
		return
	}
	r.stats.Spans++
	s.requestID = r.index(e, s.requestID)
	for _, l := range s.links {
		if e.addLink(l.trace) {
			r.linked[l.trace] = enlist(r.linked[l.trace], e)
			r.charge(e, idOverhead)
		}
	}
	if len(s.links) > 0 {
		r.touch(e) // again, with the traces it now links to
	}
	e.spans = append(e.spans, s)
}

func (r *ring) addLog(l *logRecord) {
	if r.own.has(l.trace) {
		return
	}
	e := r.entryOfLog(l)
	r.touch(e)
	if !r.charge(e, l.size()) {
		r.stats.DroppedRecords++
		return
	}
	r.stats.Logs++
	l.requestID = r.index(e, l.requestID)
	e.logs = append(e.logs, l)
}

// entryOfLog finds the home of a line. One without a trace joins the latest trace of its request id.
func (r *ring) entryOfLog(l *logRecord) *entry {
	if l.trace.valid() {
		if e := r.traces[l.trace]; e != nil {
			return e
		}
		return r.newEntry(l.trace)
	}
	if same := r.ids[l.requestID]; len(same) > 0 {
		return same[len(same)-1]
	}
	return r.newEntry(traceID{})
}

func (r *ring) newEntry(t traceID) *entry {
	e := &entry{trace: t}
	e.elem = r.order.PushBack(e)
	if t.valid() {
		r.traces[t] = e
	}
	e.bytes = entryOverhead
	r.bytes += entryOverhead
	return e
}

// charge accounts for n more bytes, or counts a record as dropped because its request has enough.
func (r *ring) charge(e *entry, n int) bool {
	if e.bytes+n > r.maxRequest {
		e.dropped++
		return false
	}
	e.bytes += n
	r.bytes += n
	return true
}

// index makes e findable by a request id and returns the one copy of it that e keeps. Lines of the id
// that came before its trace did, move in.
func (r *ring) index(e *entry, id string) string {
	if id == "" {
		return ""
	}
	id, added := e.addID(id)
	if !added {
		return id
	}
	r.charge(e, idOverhead+len(id))
	same := r.ids[id]
	r.ids[id] = enlist(same, e)
	if e.trace.valid() && len(same) > 0 && !same[0].trace.valid() {
		r.merge(e, same[0])
	}
	return id
}

func (r *ring) merge(dst, src *entry) {
	for _, l := range src.logs {
		if r.charge(dst, l.size()) {
			dst.logs = append(dst.logs, l)
		}
	}
	r.remove(src)
}

func (r *ring) announce() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// touch makes e's whole request the most recent one.
func (r *ring) touch(e *entry) {
	if r.isAlone(e) {
		r.renew(e)
		return
	}
	for _, m := range r.family(e, true) {
		r.renew(m)
	}
}

func (r *ring) renew(e *entry) {
	r.seq++
	e.seq, e.last = r.seq, r.now
	r.order.MoveToBack(e.elem)
}

// isAlone tells whether no other trace is part of e's request.
func (r *ring) isAlone(e *entry) bool {
	return len(e.links) == 0 && (!e.trace.valid() || len(r.linked[e.trace]) == 0)
}

// family returns e and the traces that link to it, directly or not; with up also those it links to.
func (r *ring) family(e *entry, up bool) []*entry {
	if r.isAlone(e) {
		return []*entry{e}
	}
	found := []*entry{e}
	add := func(m *entry) {
		if m != nil && len(found) < maxFamily && !slices.Contains(found, m) {
			found = append(found, m)
		}
	}
	for i := 0; i < len(found); i++ {
		if up {
			for _, t := range found[i].links {
				add(r.traces[t])
			}
		}
		if found[i].trace.valid() {
			for _, m := range r.linked[found[i].trace] {
				add(m)
			}
		}
	}
	return found
}
