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

	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// listing is the answer of /api/requests.
type listing struct {
	Requests []summary       `json:"requests"` // the last active ones, the latest start first
	More     bool            `json:"more"`     // the limit held others back
	Held     spanstore.Usage `json:"held"`
	Stats    spanstore.Stats `json:"stats"`
	Seq      seqNo           `json:"seq"` // for /api/stream?after=, which sends what has changed since
}

func (in *Inspector) serveList(w http.ResponseWriter, r *http.Request) {
	f, err := parseFilter(r.URL.Query(), in.cfg.slow)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	all, seq, _ := in.store.Since(0)
	found := in.collect(all, &f)
	sortSummaries(found.summaries)
	out := listing{Requests: found.summaries, More: found.more, Seq: seqNo(found.upTo(seq))}
	out.Held, out.Stats = in.store.Snapshot()
	writeJSON(w, http.StatusOK, out)
}

// collected holds the summaries that match, up to the limit.
type collected struct {
	summaries []summary
	more      bool          // there are more than the limit
	older     uint64        // changes from this moment on may be newer than the summaries; 0 if there are none
	due       time.Duration // when those can be asked for
}

// upTo returns the moment up to which the summaries are complete, at most seq.
func (c *collected) upTo(seq uint64) uint64 {
	if c.older > 0 {
		return min(seq, c.older-1)
	}
	return seq
}

func (in *Inspector) collect(w *spanstore.Walk, f *filter) collected {
	out := collected{summaries: []summary{}}
	for items := w.Next(); len(items) > 0; items = w.Next() {
		for i := range items {
			if !in.collectRequest(&out, &items[i], f) {
				return out
			}
		}
	}
	return out
}

func (in *Inspector) collectRequest(out *collected, it *spanstore.Request, f *filter) bool {
	c, due := in.summaries(it)
	if due > 0 {
		out.older, out.due = it.Seq, max(out.due, due) // the walk goes back in time
	}
	text := requestText{request: it, words: f.words}
	for i := range c.summaries {
		if !f.match(&c.summaries[i], &text) {
			continue
		}
		if len(out.summaries) == f.limit {
			out.more = true
			return false
		}
		out.summaries = append(out.summaries, c.summaries[i])
	}
	out.more = out.more || c.more
	return true
}

func sortSummaries(rows []summary) {
	slices.SortStableFunc(rows, func(a, b summary) int { return b.Start.Compare(a.Start) })
}

func (in *Inspector) serveStats(w http.ResponseWriter) {
	var out struct {
		Held  spanstore.Usage `json:"held"`
		Stats spanstore.Stats `json:"stats"`
	}
	out.Held, out.Stats = in.store.Snapshot()
	writeJSON(w, http.StatusOK, out)
}

func (in *Inspector) serveRequest(w http.ResponseWriter, r *http.Request, id string) {
	lv, err := parseLevel(r)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	seq := in.store.Latest() // read first: what comes in between is sent twice rather than never
	found, request, others, ok := in.store.Find(id)
	if !ok {
		writeError(w, http.StatusNotFound, notHeld)
		return
	}
	p := newPages(w, func() bool { return in.store.Holds(found.Entry) && r.Context().Err() == nil })
	if found.Bytes > manyBytes {
		if !in.viewing.enter(r.Context(), p) {
			w.Header().Set("Retry-After", "5")
			writeError(w, http.StatusServiceUnavailable, "others are looking at large requests; try again in a few seconds")
			return
		}
		defer in.viewing.leave()
	}
	v := newDetail(&found, request, in.cfg.slow, lv)
	if v == nil {
		writeError(w, http.StatusNotFound, notHeld)
		return
	}
	v.summary.ID = in.store.IDOfOne(&found, v.summary.RequestID)
	v.write(p, in.othersOf(others, request), seq)
	p.end()
}

const notHeld = "no request with this id is held: it did not arrive yet, was evicted, or never was"

func (in *Inspector) othersOf(others []spanstore.Request, request string) (rows []summary) {
	for i := range others {
		c, _ := in.summaries(&others[i])
		for _, r := range c.summaries {
			if r.RequestID == request {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

// serveSpan serves one span with its details, which the page asks for when it shows them. The id is
// the trace id, a slash and the span id.
func (in *Inspector) serveSpan(w http.ResponseWriter, r *http.Request, id string) {
	lv, err := parseLevel(r)
	if err != nil {
		writeError(w, http.StatusBadRequest, err.Error())
		return
	}
	lv.details = true
	trace, span, _ := strings.Cut(id, "/")
	var ref telemetry.SpanRef
	var ok, found bool
	if ref.Trace, ok = telemetry.ParseTraceID(trace); ok {
		if ref.Span, ok = telemetry.ParseSpanID(span); ok {
			found = in.writeSpan(w, ref, lv)
		}
	}
	if !found {
		writeError(w, http.StatusNotFound, "no such span is held")
	}
}

func (in *Inspector) writeSpan(w http.ResponseWriter, ref telemetry.SpanRef, lv detailLevel) bool {
	it, ok := in.store.FindTrace(ref.Trace)
	if !ok {
		return false
	}
	f := newForest(it.Parts)
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

func parseLevel(r *http.Request) (detailLevel, error) {
	lv := detailLevel{details: r.URL.Query().Get("details") != "0"}
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
