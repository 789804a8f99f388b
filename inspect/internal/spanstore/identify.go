// SPDX-License-Identifier: Apache-2.0

package spanstore

// ChargeMade accounts for n bytes that are made from an entry, and held. The next export has to
// make room for them: looking at a request must not evict it.
func (r *Store) ChargeMade(e *Entry, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.elem == nil {
		return
	}
	r.bytes += n - e.shown
	e.shown = n
}

// IDOf returns the shortest id that finds one of the requests in it and no other. several says
// whether there are others in the trace.
func (r *Store) IDOf(it *Request, request string, several bool) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shortest(it.Entry.trace.String(), request, several)
}

// IDOfOne is IDOf for a request that may or may not be one of several.
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

// Holds reports whether an entry is still in the store.
func (r *Store) Holds(e *Entry) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return e.elem != nil
}
