// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
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
	origins map[originKey]*origin
	most    struct{ traces, ids, linked, origins int } // that these have room for
	known   *origin                                    // of the export being added, whose like is
	like    *origin                                    // this one
	bytes   int                                        // held
	flight  int                                        // on their way
	small   int                                        // those of them that are small bodies'
	freed   chan struct{}                              // closed when some of small were given back
	seq     uint64
	round   uint64
	linking []*entry      // those that have new links in this round
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
	MendedRecords   uint64 `json:"mended_records"` // with text that was not UTF-8, and is now
}

func newRing(c *config) *ring {
	return &ring{
		maxBytes:   c.maxBytes,
		maxRequest: c.maxBytes / allParts * requestParts,
		maxAge:     c.maxAge,
		order:      list.New(),
		traces:     map[traceID]*entry{},
		ids:        map[string][]*entry{},
		linked:     map[traceID][]*entry{},
		origins:    map[originKey]*origin{},
		changed:    make(chan struct{}),
		freed:      make(chan struct{}),
	}
}

// add takes some records of an export: not so many that the page would have to wait. What it keeps of
// them it copies: they are parts of the export's body, and it may drop them.
func (r *ring) add(b *batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.now = time.Now()
	r.expire(r.now)
	before := r.seq
	r.round++
	for _, t := range b.own {
		r.ignore(t)
	}
	for _, s := range b.spans {
		r.addSpan(s)
	}
	for _, l := range b.logs {
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

// count adds what became of an export's other records.
func (r *ring) count(b *batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.IgnoredLogs += uint64(b.ignored)
	r.stats.RejectedRecords += uint64(b.rejected)
	r.stats.MendedRecords += uint64(b.mended)
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
	s.origin = r.same(s.origin)
	if !r.charge(e, s.size(), s.origin) {
		r.stats.DroppedRecords++
		return
	}
	r.stats.Spans++
	s.raw = bytes.Clone(s.raw)
	s.requestID = r.index(e, s.requestID)
	relinked := false
	for _, l := range s.links {
		if r.fits(e, idOverhead) && e.addLink(l.trace) {
			r.linked[l.trace] = enlist(r.linked[l.trace], e)
			r.grow(e, idOverhead)
			relinked = true
		}
	}
	if relinked {
		r.linking = append(r.linking, e)
	}
	e.spans = append(e.spans, s)
}

// connect renews the traces that the round's exports have linked to.
func (r *ring) connect() {
	for _, e := range r.linking {
		if e.elem == nil {
			continue
		}
		for _, m := range r.family(e, true) {
			r.renew(m)
		}
	}
	clear(r.linking) // what is evicted must not be held by this
	r.linking = r.linking[:0]
}

func (r *ring) addLog(l *logRecord) {
	if r.own.has(l.trace) {
		return
	}
	e := r.entryOfLog(l)
	r.touch(e)
	l.origin = r.same(l.origin)
	if !r.charge(e, l.size(), l.origin) {
		r.stats.DroppedRecords++
		return
	}
	r.stats.Logs++
	l.raw = bytes.Clone(l.raw)
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
	r.grow(e, entryOverhead)
	return e
}

func (r *ring) grow(e *entry, n int) {
	e.bytes += n
	r.bytes += n
}

func (r *ring) fits(e *entry, n int) bool { return e.bytes+e.shared+n <= r.maxRequest }

// charge accounts for a record of n bytes, or counts it as dropped because its request has enough. What
// many records share, which is who sent them, is charged to the ring once and to the limit of each
// request that has it.
func (r *ring) charge(e *entry, n int, o *origin) bool {
	extra := 0
	if e.origins.find(o) < 0 {
		extra = o.size()
	}
	if !r.fits(e, n+extra) {
		e.dropped++
		return false
	}
	r.grow(e, n)
	if extra > 0 {
		e.origins.add(o)
		e.shared += extra
		if o.refs++; o.refs == 1 {
			r.origins[o.originKey] = o
			r.bytes += extra
		}
	}
	return true
}

// same returns the one origin that is kept of those that equal o. Records of one come together, so it
// remembers the last: a resource may be megabytes to compare.
func (r *ring) same(o *origin) *origin {
	if o == r.known {
		return r.like
	}
	r.known, r.like = o, o
	if held := r.origins[o.originKey]; held != nil {
		r.like = held
	}
	return r.like
}

// index makes e findable by a request id and returns the one copy of it that e keeps. Lines of the id
// that came before its trace did, move in.
func (r *ring) index(e *entry, id string) string {
	if id == "" || e.ids.find(id) < 0 && !r.fits(e, idOverhead+len(id)) {
		return id
	}
	id, added := e.ids.add(id)
	if !added {
		return id
	}
	r.grow(e, idOverhead+len(id))
	same := r.ids[id]
	r.ids[id] = enlist(same, e)
	if e.trace.valid() && len(same) > 0 && !same[0].trace.valid() {
		r.merge(e, same[0])
	}
	return id
}

func (r *ring) merge(dst, src *entry) {
	for _, l := range src.logs {
		if r.charge(dst, l.size(), l.origin) {
			dst.logs = append(dst.logs, l)
		}
	}
	r.remove(src)
}

func (r *ring) announce() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// touch makes e's whole request the most recent one, once in a round: of a trace with many links
// finding the others takes longer than a record may.
func (r *ring) touch(e *entry) {
	if e.round == r.round {
		return
	}
	if r.isAlone(e) {
		r.renew(e)
		return
	}
	for _, m := range r.family(e, true) {
		r.renew(m)
	}
}

func (r *ring) renew(e *entry) {
	if e.round == r.round {
		return
	}
	r.seq++
	e.seq, e.last, e.round = r.seq, r.now, r.round
	r.order.MoveToBack(e.elem)
}

// isAlone tells whether no other trace is part of e's request.
func (r *ring) isAlone(e *entry) bool {
	return len(e.links.list) == 0 && (!e.trace.valid() || len(r.linked[e.trace]) == 0)
}

// maxSteps is how many links are looked at to find one request's traces: strangers choose what links.
const maxSteps = 1024

// family returns e and the traces that link to it, directly or not; with up also those it links to.
func (r *ring) family(e *entry, up bool) []*entry {
	if r.isAlone(e) {
		return []*entry{e}
	}
	found := []*entry{e}
	steps := 0
	add := func(m *entry) {
		steps++
		if m != nil && len(found) < maxFamily && !slices.Contains(found, m) {
			found = append(found, m)
		}
	}
	for i := 0; i < len(found) && len(found) < maxFamily && steps < maxSteps; i++ {
		if up {
			for _, t := range found[i].links.list {
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
