// SPDX-License-Identifier: Apache-2.0

package spanstore

// ChargeMade accounts for n bytes of what is made of an entry, and held. The next export has to make room
// for them: who looks does not evict what is looked at.
func (r *Store) ChargeMade(e *Entry, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.elem == nil {
		return
	}
	r.bytes += n - e.shown
	e.shown = n
}

// IDOf returns the shortest id that finds one of the requests of it and no other. several says whether
// there are others in the trace.
func (r *Store) IDOf(it *Request, request string, several bool) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shortest(it.Entry.trace.String(), request, several)
}

// IDOfOne is idOf for a request that is one of others, or not.
func (r *Store) IDOfOne(it *Request, request string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shortest(it.Entry.trace.String(), request, len(it.Entry.ids.list) > 1)
}

func (r *Store) shortest(trace, id string, several bool) string {
	switch {
	case id == "":
		return trace
	case len(r.ids[id]) == 1 && id != "." && id != "..":
		return id
	case several:
		return trace + "/" + id
	default:
		return trace
	}
}

// Holds tells whether an entry was not evicted.
func (r *Store) Holds(e *Entry) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return e.elem != nil
}
