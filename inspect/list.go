// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"container/list"
	"time"
)

// item is a request as it was at one moment, taken under the lock and looked at without it.
type item struct {
	entry   *entry
	seq     uint64
	parts   []part
	dropped int
	bytes   int // of all parts
}

// held is what the ring holds.
type held struct {
	Traces   int `json:"traces"`
	Bytes    int `json:"bytes"`
	MaxBytes int `json:"max_bytes"`
}

// walkStep is how many requests are taken under the lock at once. Looking at what is held must not
// keep exports waiting, however much it is.
const walkStep = 256

// walk is a way through the ring from the latest activity back, in steps.
type walk struct {
	ring  *ring
	until uint64 // of what changed up to it, nothing is wanted
	from  uint64 // the walk has passed what changed from it on
	at    *entry // the last one passed
}

// since starts a walk over the requests that changed after seq. It returns the sequence number to
// continue with later, and a channel that is closed at the next change.
func (r *ring) since(seq uint64) (w *walk, next uint64, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.expire(time.Now())
	}
	return &walk{ring: r, until: seq, from: r.seq + 1}, r.seq, r.changed
}

// next returns some more requests, none at the end. What changes during the walk moves to the front,
// where the walk has been already: it is passed over, or seen as it was.
func (w *walk) next() (items []item) {
	w.ring.mu.Lock()
	defer w.ring.mu.Unlock()
	items = make([]item, 0, walkStep)
	parts := make([]part, 0, walkStep)
	for el := w.resume(); el != nil && len(items) < walkStep; el = el.Prev() {
		e := el.Value.(*entry)
		if e.seq <= w.until {
			break
		}
		w.at, w.from = e, e.seq
		if w.ring.root(e) == e {
			var it item
			it, parts = w.ring.itemIn(e, parts)
			items = append(items, it)
		}
	}
	return items
}

// resume finds the place again. It usually still is where it was.
func (w *walk) resume() *list.Element {
	if w.at != nil && w.at.elem != nil && w.at.seq == w.from {
		return w.at.elem.Prev()
	}
	el := w.ring.order.Back()
	for el != nil && el.Value.(*entry).seq >= w.from {
		el = el.Prev()
	}
	return el
}

func (r *ring) item(e *entry) item {
	it, _ := r.itemIn(e, nil)
	return it
}

// itemIn is item with its parts in a slice that many items share.
func (r *ring) itemIn(e *entry, parts []part) (item, []part) {
	it := item{entry: e, seq: e.seq}
	from := len(parts)
	if r.isAlone(e) {
		parts = append(parts, e.part())
		it.dropped, it.bytes = e.dropped, e.bytes+e.shared
	} else {
		for _, m := range r.family(e, false) {
			parts = append(parts, m.part())
			it.dropped += m.dropped
			it.bytes += m.bytes + m.shared
		}
	}
	it.parts = parts[from:len(parts):len(parts)]
	return it, parts
}

// find returns the request an id stands for: a request id, a trace id, or a trace id and a request id
// with a slash between. Of several requests with one id it is the latest; others are the rest.
func (r *ring) find(id string) (found item, request string, others []item, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.expire(time.Now())
	}
	if same := r.rootsOf(r.ids[id]); len(same) > 0 {
		for _, e := range same[:len(same)-1] {
			others = append(others, r.item(e))
		}
		return r.item(same[len(same)-1]), id, others, true
	}
	if len(id) > 32 && id[32] == '/' {
		id, request = id[:32], id[33:]
	}
	if t, valid := parseTraceID(id); valid && r.traces[t] != nil {
		return r.item(r.traces[t]), request, nil, true
	}
	return item{}, "", nil, false
}

// findTrace returns a trace as the root of what it caused.
func (r *ring) findTrace(t traceID) (found item, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.traces[t]; e != nil {
		return r.item(e), true
	}
	return item{}, false
}

// rootsOf replaces entries by the traces that caused them, each once, in order of last activity.
func (r *ring) rootsOf(entries []*entry) []*entry {
	var roots []*entry
	for _, e := range entries {
		roots = append(drop(roots, r.root(e)), r.root(e))
	}
	return roots
}

func (r *ring) snapshot() (held, stats) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return held{Traces: r.order.Len(), Bytes: r.bytes, MaxBytes: r.maxBytes}, r.stats
}

func (r *ring) latest() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seq
}
