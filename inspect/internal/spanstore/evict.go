// SPDX-License-Identifier: Apache-2.0

package spanstore

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// evict removes the request that e is part of: the trace at its root and every trace that is here
// only because of it.
func (r *Store) evict(e *Entry) {
	root := r.root(e)
	family := r.family(root, false)
	for _, m := range family {
		if m == root || !r.linksOutside(m, family) {
			r.remove(m)
			r.stats.EvictedTraces++
		}
	}
	if e.elem != nil { // e has several roots, one of which is gone
		r.remove(e)
		r.stats.EvictedTraces++
	}
}

func (r *Store) linksOutside(e *Entry, family []*Entry) bool {
	return slices.ContainsFunc(e.links.list, func(t telemetry.TraceID) bool {
		p := r.traces[t]
		return p != nil && !slices.Contains(family, p)
	})
}

// root climbs from a trace to the one that caused it, as far as they are here, for at most
// maxFamily steps. Links that form a cycle have no root; the lowest id in the cycle represents it.
func (r *Store) root(e *Entry) *Entry {
	if len(e.links.list) == 0 {
		return e
	}
	seen := []*Entry{e}
	for looks := MaxFamily; len(seen) < MaxFamily; {
		p := r.cause(seen[len(seen)-1], &looks)
		if p == nil {
			break
		}
		if i := slices.Index(seen, p); i >= 0 {
			return slices.MinFunc(seen[i:], func(a, b *Entry) int { return bytes.Compare(a.trace[:], b.trace[:]) })
		}
		seen = append(seen, p)
	}
	return seen[len(seen)-1]
}

// cause returns the first trace here that e links to. looks is how many links it may still look at.
func (r *Store) cause(e *Entry, looks *int) *Entry {
	for _, t := range e.links.list {
		if *looks--; *looks < 0 {
			return nil
		}
		if p := r.traces[t]; p != nil && p != e {
			return p
		}
	}
	return nil
}

func (r *Store) remove(e *Entry) {
	r.shrink()
	r.order.Remove(e.elem)
	e.elem = nil
	r.bytes -= e.bytes + e.shown
	for _, o := range e.sources.list {
		if o.Refs--; o.Refs == 0 {
			delete(r.sources, o.SourceKey)
			r.bytes -= o.Size()
			r.known = nil
		}
	}
	if r.traces[e.trace] == e {
		delete(r.traces, e.trace)
	}
	for _, id := range e.ids.list {
		r.ids[id] = drop(r.ids[id], e)
		if len(r.ids[id]) == 0 {
			delete(r.ids, id)
		}
	}
	for _, t := range e.links.list {
		r.linked[t] = drop(r.linked[t], e)
		if len(r.linked[t]) == 0 {
			delete(r.linked, t)
		}
	}
}

// shrink replaces maps that once had many more entries: a map keeps the memory of the most it ever
// had.
func (r *Store) shrink() {
	r.traces = shrunk(r.traces, &r.most.traces)
	r.ids = shrunk(r.ids, &r.most.ids)
	r.linked = shrunk(r.linked, &r.most.linked)
	r.sources = shrunk(r.sources, &r.most.sources)
}

// shrunk is called whenever something is about to be removed, and so sees the maximum.
func shrunk[K comparable, V any](m map[K]V, most *int) map[K]V {
	*most = max(*most, len(m))
	if *most < 4096 || len(m) > *most/4 {
		return m
	}
	*most = len(m)
	smaller := make(map[K]V, len(m))
	maps.Copy(smaller, m)
	return smaller
}

// enlist appends e to an index entry, which keeps the latest maxFamily: a request id that a client
// uses for everything must not make finding or evicting slow.
func enlist(list []*Entry, e *Entry) []*Entry {
	if len(list) >= MaxFamily {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, e)
}

func drop(list []*Entry, e *Entry) []*Entry {
	return slices.DeleteFunc(list, func(o *Entry) bool { return o == e })
}

// expire evicts requests that have been silent for too long.
func (r *Store) expire(now time.Time) {
	for front := r.order.Front(); front != nil; front = r.order.Front() {
		e := front.Value.(*Entry)
		if now.Sub(e.last) < r.maxAge {
			return
		}
		r.evict(e)
	}
}

// schedule makes data expire even if nothing arrives any more. It uses a timer, not a goroutine: an
// idle inspector costs nothing.
func (r *Store) schedule(now time.Time) {
	if r.timer != nil || r.closed {
		return
	}
	front := r.order.Front()
	if front == nil {
		return
	}
	wait := max(r.maxAge-now.Sub(front.Value.(*Entry).last), time.Millisecond)
	r.timer = time.AfterFunc(wait, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.timer = nil
		now := time.Now()
		r.expire(now)
		r.schedule(now)
	})
}

// Close drops everything and wakes all that wait for a change.
func (r *Store) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.closed = true
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
	for e := r.order.Front(); e != nil; e = e.Next() {
		e.Value.(*Entry).elem = nil
	}
	r.order.Init()
	clear(r.traces)
	clear(r.ids)
	clear(r.linked)
	clear(r.sources)
	r.bytes = 0
	r.announce()
}
