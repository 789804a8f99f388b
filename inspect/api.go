// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
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
	rows, more := in.collect(all, &f)
	sortRows(rows)
	out := listing{Requests: rows, More: more, Seq: seqNo(seq)}
	out.Held, out.Stats = in.ring.snapshot()
	writeJSON(w, http.StatusOK, out)
}

// collect takes the rows that match, up to the limit.
func (in *Inspector) collect(w *walk, f *filter) (rows []row, more bool) {
	rows = []row{}
	for items := w.next(); len(items) > 0; items = w.next() {
		for i := range items {
			for _, r := range items[i].rows(in.cfg.slow) {
				if !f.match(&r, &items[i]) {
					continue
				}
				if len(rows) == f.limit {
					return rows, true
				}
				rows = append(rows, r)
			}
		}
	}
	return rows, false
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
		writeError(w, http.StatusNotFound, "no request with this id is held: it did not arrive yet, was evicted, or never was")
		return
	}
	v := in.view(&found, request, others, lv)
	v.Seq = seqNo(seq)
	writeJSON(w, http.StatusOK, v)
}

func (in *Inspector) view(it *item, request string, others []item, lv level) *view {
	v := newView(it, request, lv)
	rows := it.rows(in.cfg.slow)
	v.Request = rows[0]
	for _, r := range rows {
		if request != "" && r.RequestID == request {
			v.Request = r
		}
	}
	for i := range others {
		for _, r := range others[i].rows(in.cfg.slow) {
			if r.RequestID == request {
				v.Others = append(v.Others, r)
			}
		}
	}
	return v
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
