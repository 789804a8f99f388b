// SPDX-License-Identifier: Apache-2.0

package blackbox

import (
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// shards is the number of shards. They let spans end at the same time without waiting for each
// other.
const shards = 16

// shard has the traces whose ids lead to it, each in one of four lists. A list is in the order in
// which its traces are let go.
type shard struct {
	mu     sync.Mutex
	config *config
	counts *counts
	traces map[trace.TraceID]*record
	spans  int
	closed bool

	open  list // under way
	going list // under way, and exported
	held  list // over, but another process may still report that they are exported
	done  list // over, and exported: so are spans that come late
}

// The most traces that a shard has in a list.
const (
	maxOpen = 4096 // for example, requests that never end
	maxDone = 64
)

func (s *shard) init(c *config, n *counts) {
	s.config, s.counts, s.traces = c, n, map[trace.TraceID]*record{}
	s.open.init()
	s.going.init()
	s.held.init()
	s.done.init()
}

// handover has the spans that leave a shard to be exported.
type handover struct {
	id     trace.TraceID
	reason string
	spans  []sdktrace.ReadOnlySpan
	lost   int
	begins bool // the trace was not exported before
	waits  bool // the trace is held, and a timer must end that
}

// begin notes that a request of the trace has begun: its own span has started.
func (s *shard) begin(id trace.TraceID, told bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	r := s.traces[id]
	switch {
	case r == nil:
		r = s.add(id)
	case r.reason == "":
		r.move(&s.open)
	case r.roots == 0: // another request of the trace
		s.counts.open.Add(1)
		r.move(&s.going)
	}
	r.roots++
	r.waits = r.waits || told
}

// add makes a record, and makes room for it.
func (s *shard) add(id trace.TraceID) *record {
	if s.open.n >= maxOpen {
		s.evict(s.open.first())
	}
	r := records.Get().(*record)
	r.id = id
	s.traces[id] = r
	r.move(&s.open)
	return r
}

// end takes a span that has ended, and returns what to export because of it. why is the reason to
// export it, or "".
func (s *shard) end(span sdktrace.ReadOnlySpan, root bool, why string) handover {
	id := span.SpanContext().TraceID()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return handover{}
	}
	r := s.traces[id]
	if r == nil {
		return s.stray(span, root, why)
	}
	h := handover{id: id, lost: r.lost}
	if r.reason == "" && why != "" {
		h = s.export(r, why)
	}
	if r.reason != "" {
		h.reason, h.spans = r.reason, append(h.spans, span)
	} else {
		s.take(r, span, root)
	}
	if root {
		if r.roots--; r.roots == 0 {
			h.waits = s.over(r, span.EndTime())
		}
	}
	return h
}

// stray handles a span of a trace that is not here: the span came late, or its request had to make
// room. If that request fails, at least its own span is exported.
func (s *shard) stray(span sdktrace.ReadOnlySpan, root bool, why string) handover {
	if !root || why == "" {
		s.counts.dropped.Add(1)
		return handover{}
	}
	s.counts.exported.Add(1)
	return handover{id: span.SpanContext().TraceID(), reason: why, spans: []sdktrace.ReadOnlySpan{span}, begins: true}
}

// take keeps a span that is not exported yet.
func (s *shard) take(r *record, span sdktrace.ReadOnlySpan, root bool) {
	if len(r.spans) >= s.config.perRequest && !root {
		r.lost++
		s.counts.lost.Add(1)
		return
	}
	r.spans = append(r.spans, span)
	s.spans++
	for s.spans > s.config.total/shards {
		victim := s.held.first()
		if victim == nil {
			victim = s.open.oldestBut(r)
		}
		if victim == nil {
			return
		}
		s.evict(victim)
	}
}

// over handles the end of the last request of the trace here. It reports whether its spans are held.
func (s *shard) over(r *record, at time.Time) (held bool) {
	switch {
	case r.reason != "":
		s.counts.open.Add(-1)
		r.move(&s.done)
		if s.done.n > maxDone {
			s.forget(s.done.first())
		}
	case s.config.hold > 0 && (r.waits || s.config.share != nil):
		r.until = at.Add(s.config.hold)
		r.move(&s.held)
		return true
	default:
		s.counts.dropped.Add(int64(len(r.spans)))
		s.forget(r)
	}
	return false
}

// keep exports a trace. If the trace is not here yet, remember makes keep note it for later.
func (s *shard) keep(id trace.TraceID, reason string, remember bool) handover {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.traces[id]
	switch {
	case s.closed, r == nil && !remember, r != nil && r.reason != "":
		return handover{}
	case r == nil:
		r = s.add(id)
	}
	h := s.export(r, reason)
	if r.roots == 0 {
		s.over(r, time.Time{})
	}
	return h
}

// export decides that r is exported, and returns the spans that it kept.
func (s *shard) export(r *record, reason string) handover {
	h := handover{id: r.id, reason: reason, lost: r.lost, spans: r.spans, begins: true}
	s.spans -= len(r.spans)
	r.spans, r.reason = nil, reason
	s.counts.exported.Add(1)
	s.counts.open.Add(1)
	if s.going.n >= maxOpen {
		s.evict(s.going.first())
	}
	r.move(&s.going)
	return h
}

func (s *shard) isExported(id trace.TraceID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.traces[id]
	return r != nil && r.reason != ""
}
