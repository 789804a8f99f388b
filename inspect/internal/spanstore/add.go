// SPDX-License-Identifier: Apache-2.0

package spanstore

import (
	"bytes"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

func (r *Store) addSpan(s *telemetry.Span) {
	if r.own.has(s.Trace) {
		return
	}
	e := r.traces[s.Trace]
	if e == nil {
		e = r.newEntry(s.Trace)
	}
	r.touch(e)
	s.Source = r.same(s.Source)
	if !r.charge(e, s.Size(), s.Source) {
		r.stats.DroppedRecords++
		return
	}
	r.stats.Spans++
	s.Raw = bytes.Clone(s.Raw)
	s.RequestID = r.index(e, s.RequestID)
	relinked := false
	for _, l := range s.Links {
		if r.fits(e, idOverhead) && e.addLink(l.Trace) {
			r.linked[l.Trace] = enlist(r.linked[l.Trace], e)
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
func (r *Store) connect() {
	for _, e := range r.linking {
		if e.elem == nil {
			continue
		}
		for _, m := range r.family(e, true) {
			r.renew(m)
		}
	}
	clear(r.linking) // linking must not hold what is evicted
	r.linking = r.linking[:0]
}

func (r *Store) addLog(l *telemetry.LogRecord) {
	if r.own.has(l.Trace) {
		return
	}
	e := r.entryOfLog(l)
	r.touch(e)
	l.Source = r.same(l.Source)
	if !r.charge(e, l.Size(), l.Source) {
		r.stats.DroppedRecords++
		return
	}
	r.stats.Logs++
	l.Raw = bytes.Clone(l.Raw)
	l.RequestID = r.index(e, l.RequestID)
	e.logs = append(e.logs, l)
}

// entryOfLog returns the entry of a line. A line without a trace joins the latest trace of its
// request id.
func (r *Store) entryOfLog(l *telemetry.LogRecord) *Entry {
	if l.Trace.Valid() {
		if e := r.traces[l.Trace]; e != nil {
			return e
		}
		return r.newEntry(l.Trace)
	}
	if same := r.ids[l.RequestID]; len(same) > 0 {
		return same[len(same)-1]
	}
	return r.newEntry(telemetry.TraceID{})
}

func (r *Store) newEntry(t telemetry.TraceID) *Entry {
	e := &Entry{trace: t}
	e.elem = r.order.PushBack(e)
	if t.Valid() {
		r.traces[t] = e
	}
	r.grow(e, entryOverhead)
	return e
}

func (r *Store) grow(e *Entry, n int) {
	e.bytes += n
	r.bytes += n
}

func (r *Store) fits(e *Entry, n int) bool { return e.bytes+e.shared+n <= r.maxRequest }

// charge accounts for a record of n bytes, or counts it as dropped because its request is full. The
// source, which many records share, is charged to the store once and to the limit of each request
// that has it.
func (r *Store) charge(e *Entry, n int, o *telemetry.Source) bool {
	extra := 0
	if e.sources.find(o) < 0 {
		extra = o.Size()
	}
	if !r.fits(e, n+extra) {
		e.dropped++
		return false
	}
	r.grow(e, n)
	if extra > 0 {
		e.sources.add(o)
		e.shared += extra
		if o.Refs++; o.Refs == 1 {
			r.sources[o.SourceKey] = o
			r.bytes += extra
		}
	}
	return true
}

// same returns the one source that is kept of those equal to o. Records of one source come
// together, so the store remembers the last source: comparing a resource may mean comparing
// megabytes.
func (r *Store) same(o *telemetry.Source) *telemetry.Source {
	if o == r.known {
		return r.like
	}
	r.known, r.like = o, o
	if held := r.sources[o.SourceKey]; held != nil {
		r.like = held
	}
	return r.like
}

// index makes e findable by a request id and returns the copy of the id that e keeps. Lines with
// the id that came before its trace move into e.
func (r *Store) index(e *Entry, id string) string {
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
	if e.trace.Valid() && len(same) > 0 && !same[0].trace.Valid() {
		r.merge(e, same[0])
	}
	return id
}

func (r *Store) merge(dst, src *Entry) {
	for _, l := range src.logs {
		if r.charge(dst, l.Size(), l.Source) {
			dst.logs = append(dst.logs, l)
		}
	}
	r.remove(src)
}
