// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listing is the answer of /api/requests.
type listing struct {
	Requests []row `json:"requests"` // the last active ones, the latest start first
	More     bool  `json:"more"`     // the limit held others back
	Held     held  `json:"held"`
	Stats    stats `json:"stats"`
	Seq      seqNo `json:"seq"` // for /api/stream?after=, which sends what has changed since
}

func (in *Inspector) serveList(w http.ResponseWriter, r *http.Request) {
	f, err := parseFilter(r.URL.Query(), in.cfg.slow)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	all, seq, _ := in.ring.since(0)
	found := in.collect(all, &f)
	sortRows(found.rows)
	out := listing{Requests: found.rows, More: found.more, Seq: seqNo(found.upTo(seq))}
	out.Held, out.Stats = in.ring.snapshot()
	writeJSON(w, http.StatusOK, out)
}

// collected are the rows that match, up to the limit.
type collected struct {
	rows  []row
	more  bool          // there are more than the limit
	older uint64        // what has changed from this moment on may be newer than the rows, 0 if nothing has
	due   time.Duration // when that can be asked for
}

// upTo is the moment up to which the rows have all that happened, at most seq.
func (c *collected) upTo(seq uint64) uint64 {
	if c.older > 0 {
		return min(seq, c.older-1)
	}
	return seq
}

func (in *Inspector) collect(w *walk, f *filter) collected {
	out := collected{rows: []row{}}
	for items := w.next(); len(items) > 0; items = w.next() {
		for i := range items {
			if !in.collectItem(&out, &items[i], f) {
				return out
			}
		}
	}
	return out
}

func (in *Inspector) collectItem(out *collected, it *item, f *filter) bool {
	c, due := in.rows(it)
	if due > 0 {
		out.older, out.due = it.seq, max(out.due, due) // the walk goes back in time
	}
	text := itemText{item: it, words: f.words}
	for i := range c.rows {
		if !f.match(&c.rows[i], &text) {
			continue
		}
		if len(out.rows) == f.limit {
			out.more = true
			return false
		}
		out.rows = append(out.rows, c.rows[i])
	}
	out.more = out.more || c.more
	return true
}

func sortRows(rows []row) {
	slices.SortStableFunc(rows, func(a, b row) int { return b.Start.Compare(a.Start) })
}

func (in *Inspector) serveStats(w http.ResponseWriter) {
	var out struct {
		Held  held  `json:"held"`
		Stats stats `json:"stats"`
	}
	out.Held, out.Stats = in.ring.snapshot()
	writeJSON(w, http.StatusOK, out)
}

func (in *Inspector) serveRequest(w http.ResponseWriter, r *http.Request, id string) {
	lv, err := parseLevel(r)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	seq := in.ring.latest() // before: what comes in between is sent again rather than never
	found, request, others, ok := in.ring.find(id)
	if !ok {
		writeError(w, http.StatusNotFound, notHeld)
		return
	}
	p := newPages(w, func() bool { return in.ring.holds(found.entry) && r.Context().Err() == nil })
	if found.bytes > manyBytes {
		if !in.viewing.enter(r.Context(), p) {
			w.Header().Set("Retry-After", "5")
			writeError(w, http.StatusServiceUnavailable, "others are looking at large requests; try again in a few seconds")
			return
		}
		defer in.viewing.leave()
	}
	v := newView(&found, request, in.cfg.slow, lv)
	if v == nil {
		writeError(w, http.StatusNotFound, notHeld)
		return
	}
	in.ring.identifyOne(&found, &v.request)
	v.write(p, in.othersOf(others, request), seq)
	p.end()
}

const notHeld = "no request with this id is held: it did not arrive yet, was evicted, or never was"

func (in *Inspector) othersOf(others []item, request string) (rows []row) {
	for i := range others {
		c, _ := in.rows(&others[i])
		for _, r := range c.rows {
			if r.RequestID == request {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// serveSpan serves one span with its details: the page asks for them when they are looked at. Its id
// is trace id, slash, span id.
func (in *Inspector) serveSpan(w http.ResponseWriter, r *http.Request, id string) {
	lv, err := parseLevel(r)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	lv.details = true
	trace, span, _ := strings.Cut(id, "/")
	var ref spanRef
	var ok, found bool
	if ref.trace, ok = parseTraceID(trace); ok {
		if ref.span, ok = parseSpanID(span); ok {
			found = in.writeSpan(w, ref, lv)
		}
	}
	if !found {
		writeError(w, http.StatusNotFound, "no such span is held")
	}
}

func (in *Inspector) writeSpan(w http.ResponseWriter, ref spanRef, lv level) bool {
	it, ok := in.ring.findTrace(ref.trace)
	if !ok {
		return false
	}
	f := newForest(it.parts)
	i, ok := f.byRef[ref]
	if !ok {
		return false
	}
	base, answered := f.window(nil)
	v := f.span(i, base, answered, lv)
	v.Task = f.taskKind(&f.nodes[i], f.head())
	writeJSON(w, http.StatusOK, v)
	return true
}

var errMax = errors.New("max: a number of bytes above zero")

func parseLevel(r *http.Request) (level, error) {
	lv := level{details: r.URL.Query().Get("details") != "0"}
	if v := r.URL.Query().Get("max"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return lv, errMax
		}
		lv.max = n
	}
	return lv, nil
}

func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	respond(w, typeJSON, status, append(body, '\n'))
}
