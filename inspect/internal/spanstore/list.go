// SPDX-License-Identifier: Apache-2.0

package spanstore

import (
	"container/list"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// Request is a request as it was at one moment, taken under the lock and read without it.
type Request struct {
	Entry   *Entry
	Seq     uint64
	Parts   []Part
	Dropped int
	Bytes   int // of all parts
}

// Usage is what the store holds.
type Usage struct {
	Traces   int `json:"traces"`
	Bytes    int `json:"bytes"`
	MaxBytes int `json:"max_bytes"`
}

// walkStep is how many requests are taken under the lock at once. Looking at the store must not
// keep exports waiting, however much it holds.
const walkStep = 256

// Walk goes through the store from the latest activity back, in steps.
type Walk struct {
	store *Store
	until uint64 // changes up to this one are not wanted
	from  uint64 // the walk has passed the changes from this one on
	at    *Entry // the last one passed
}

// Since starts a walk over the requests that changed after seq. It returns the sequence number to
// continue with later, and a channel that is closed at the next change.
func (r *Store) Since(seq uint64) (w *Walk, next uint64, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.expire(time.Now())
	}
	return &Walk{store: r, until: seq, from: r.seq + 1}, r.seq, r.changed
}

// Next returns some more requests, or an empty slice at the end. A request that changes during the
// walk moves to the front, which the walk has passed: it is skipped, or seen as it was.
func (w *Walk) Next() (items []Request) {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	items = make([]Request, 0, walkStep)
	parts := make([]Part, 0, walkStep)
	for el := w.resume(); el != nil && len(items) < walkStep; el = el.Prev() {
		e := el.Value.(*Entry)
		if e.seq <= w.until {
			break
		}
		w.at, w.from = e, e.seq
		if w.store.root(e) == e {
			var it Request
			it, parts = w.store.requestIn(e, parts)
			items = append(items, it)
		}
	}
	return items
}

// resume finds the position again. It usually is still where it was.
func (w *Walk) resume() *list.Element {
	if w.at != nil && w.at.elem != nil && w.at.seq == w.from {
		return w.at.elem.Prev()
	}
	el := w.store.order.Back()
	for el != nil && el.Value.(*Entry).seq >= w.from {
		el = el.Prev()
	}
	return el
}

func (r *Store) request(e *Entry) Request {
	it, _ := r.requestIn(e, nil)
	return it
}

// requestIn is request with its parts in a slice that many requests share.
func (r *Store) requestIn(e *Entry, parts []Part) (Request, []Part) {
	it := Request{Entry: e, Seq: e.seq}
	from := len(parts)
	if r.isAlone(e) {
		parts = append(parts, e.part())
		it.Dropped, it.Bytes = e.dropped, e.bytes+e.shared
	} else {
		for _, m := range r.family(e, false) {
			parts = append(parts, m.part())
			it.Dropped += m.dropped
			it.Bytes += m.bytes + m.shared
		}
	}
	it.Parts = parts[from:len(parts):len(parts)]
	return it, parts
}

// Find returns the request for an id: a request id, a trace id, or a trace id and a request id with
// a slash between. If several requests have the id, it returns the latest; others are the rest.
func (r *Store) Find(id string) (found Request, request string, others []Request, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.expire(time.Now())
	}
	if same := r.rootsOf(r.ids[id]); len(same) > 0 {
		for _, e := range same[:len(same)-1] {
			others = append(others, r.request(e))
		}
		return r.request(same[len(same)-1]), id, others, true
	}
	if len(id) > 32 && id[32] == '/' {
		id, request = id[:32], id[33:]
	}
	if t, valid := telemetry.ParseTraceID(id); valid && r.traces[t] != nil {
		return r.request(r.traces[t]), request, nil, true
	}
	return Request{}, "", nil, false
}

// FindTrace returns a trace as the root of what it caused.
func (r *Store) FindTrace(t telemetry.TraceID) (found Request, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.traces[t]; e != nil {
		return r.request(e), true
	}
	return Request{}, false
}

// rootsOf replaces entries with the traces that caused them, each once, in order of last activity.
func (r *Store) rootsOf(entries []*Entry) []*Entry {
	var roots []*Entry
	for _, e := range entries {
		roots = append(drop(roots, r.root(e)), r.root(e))
	}
	return roots
}

// Snapshot returns what is held now, and the counts since the start.
func (r *Store) Snapshot() (Usage, Stats) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Usage{Traces: r.order.Len(), Bytes: r.bytes, MaxBytes: r.maxBytes}, r.stats
}

// Latest returns the sequence number of the last change.
func (r *Store) Latest() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seq
}
