// SPDX-License-Identifier: Apache-2.0

package spanstore

import (
	"slices"
)

// touch makes e's whole request the most recent one, once per round: for a trace with many links,
// finding the others takes longer than a record may take.
func (r *Store) touch(e *Entry) {
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

func (r *Store) renew(e *Entry) {
	if e.round == r.round {
		return
	}
	r.seq++
	e.seq, e.last, e.round = r.seq, r.now, r.round
	r.order.MoveToBack(e.elem)
}

// isAlone reports whether no other trace is part of e's request.
func (r *Store) isAlone(e *Entry) bool {
	return len(e.links.list) == 0 && (!e.trace.Valid() || len(r.linked[e.trace]) == 0)
}

// maxSteps bounds how many links are looked at to find one request's traces: senders choose the
// links.
const maxSteps = 1024

// family returns e and the traces that link to it, directly or not; with up, also those that it
// links to.
func (r *Store) family(e *Entry, up bool) []*Entry {
	if r.isAlone(e) {
		return []*Entry{e}
	}
	found := []*Entry{e}
	steps := 0
	add := func(m *Entry) {
		steps++
		if m != nil && len(found) < MaxFamily && !slices.Contains(found, m) {
			found = append(found, m)
		}
	}
	for i := 0; i < len(found) && len(found) < MaxFamily && steps < maxSteps; i++ {
		if up {
			for _, t := range found[i].links.list {
				add(r.traces[t])
			}
		}
		if found[i].trace.Valid() {
			for _, m := range r.linked[found[i].trace] {
				add(m)
			}
		}
	}
	return found
}
