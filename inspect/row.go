// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"math"
	"slices"
	"time"

	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	kindInternal = uint8(tracev1.Span_SPAN_KIND_INTERNAL)
	kindServer   = uint8(tracev1.Span_SPAN_KIND_SERVER)
	kindConsumer = uint8(tracev1.Span_SPAN_KIND_CONSUMER)

	severityWarn  = uint8(logsv1.SeverityNumber_SEVERITY_NUMBER_WARN)
	severityError = uint8(logsv1.SeverityNumber_SEVERITY_NUMBER_ERROR)

	maxRowText = 256
)

// row is one request in the list.
type row struct {
	ID         string    `json:"id"` // what /api/requests/{id} takes
	RequestID  string    `json:"request_id,omitempty"`
	TraceID    string    `json:"trace_id,omitempty"`
	Name       string    `json:"name"`
	Method     string    `json:"method,omitempty"`
	Route      string    `json:"route,omitempty"`
	Path       string    `json:"path,omitempty"`
	Status     int       `json:"status,omitempty"`
	ErrorType  string    `json:"error_type,omitempty"`
	Failed     bool      `json:"failed"`            // the request itself, or one of its jobs
	Pending    bool      `json:"pending,omitempty"` // its own span has not arrived yet
	Slow       bool      `json:"slow,omitempty"`
	Start      time.Time `json:"start"`
	DurationMS float64   `json:"duration_ms"` // until the response
	TotalMS    float64   `json:"total_ms"`    // until the last span ended, jobs included
	Spans      int       `json:"spans"`
	Logs       int       `json:"logs"`
	Errors     int       `json:"errors"` // failed spans and error lines
	Jobs       int       `json:"jobs"`
	Services   []string  `json:"services"`
	Dropped    int       `json:"dropped,omitempty"` // records beyond what one request may take
}

// maxTraceRows is how many requests of one trace are listed, the latest: a client that sends one
// traceparent with everything makes as many as it likes.
const maxTraceRows = maxLimit

// rowsOf summarises a family of traces: one row, or one per request where several share the trace, the
// latest first.
func rowsOf(parts []part, dropped int, slow time.Duration) (rows []row, more bool) {
	f := newForest(parts)
	var logs []*logRecord
	for _, p := range parts {
		logs = append(logs, p.logs...)
	}
	groups := f.groups(logs)
	if len(groups) <= 1 {
		r := newRow(f, logs, slow)
		if len(groups) == 1 {
			r.RequestID = groups[0].id
		}
		r.Dropped = dropped
		return []row{r}, false
	}
	if more = len(groups) > maxTraceRows; more {
		slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(f.nodes[b.order[0]].start, f.nodes[a.order[0]].start) })
		groups = groups[:maxTraceRows]
	}
	rows = make([]row, 0, len(groups))
	for _, g := range groups {
		f.order = g.order
		r := newRow(f, g.logs, slow)
		r.RequestID = g.id
		r.Dropped = dropped
		rows = append(rows, r)
	}
	sortRows(rows)
	return rows, more
}

// group is one of the requests that share a trace.
type group struct {
	id    string
	order []int // its nodes, as the forest's
	logs  []*logRecord
}

// groups tells the requests of a trace apart, in one pass over what is there.
func (f *forest) groups(logs []*logRecord) (groups []group) {
	at := map[string]int{}
	for _, i := range f.order {
		id := f.nodes[i].request
		if id == "" {
			continue
		}
		n, known := at[id]
		if !known {
			n = len(groups)
			at[id] = n
			groups = append(groups, group{id: id})
		}
		groups[n].order = append(groups[n].order, i)
	}
	if len(groups) <= 1 {
		return groups
	}
	for _, l := range logs {
		if n, ok := at[f.requestOf(l)]; ok {
			groups[n].logs = append(groups[n].logs, l)
		}
	}
	return groups
}

// requestOf is the request of a line: that of its span, which may know better, else its own.
func (f *forest) requestOf(l *logRecord) string {
	if i, ok := f.byRef[l.spanRef]; ok {
		return f.nodes[i].request
	}
	return l.requestID
}

func newRow(f *forest, logs []*logRecord, slow time.Duration) row {
	r := row{Spans: len(f.order), Logs: len(logs), Services: []string{}}
	for _, l := range logs {
		if l.severity >= severityError {
			r.Errors++
		}
		if r.RequestID == "" {
			r.RequestID = l.requestID
		}
	}
	head := f.head()
	if head == nil {
		r.describeLines(logs)
		r.Slow = r.DurationMS*1e6 >= float64(slow)
		return r
	}
	last := head.end
	for _, i := range f.order {
		n := &f.nodes[i]
		last = max(last, n.end)
		if n.failed {
			r.Errors++
		}
		if n.kind == kindConsumer {
			r.Jobs++
			r.Failed = r.Failed || n.failed
		}
		r.addService(n.origin.service)
	}
	r.describe(head)
	r.DurationMS = millis(head.end - head.start)
	r.TotalMS = millis(last - head.start)
	r.Slow = head.end-head.start >= int64(slow)
	return r
}

func (r *row) addService(name string) {
	if name = clip(name, maxRowText); len(r.Services) < 16 && !slices.Contains(r.Services, name) {
		r.Services = append(r.Services, name)
	}
}

func (r *row) describe(head *node) {
	r.TraceID = head.trace.String()
	r.Name = head.name()
	r.Start = time.Unix(0, head.start).UTC()
	r.Failed = r.Failed || head.failed
	r.Pending = head.via == viaOrphan && head.kind != kindServer && head.kind != kindConsumer
	var p tracev1.Span
	if proto.Unmarshal(head.raw, &p) != nil {
		return
	}
	for _, kv := range p.GetAttributes() {
		text := clip(kv.GetValue().GetStringValue(), maxRowText)
		switch kv.GetKey() {
		case "http.request.method":
			r.Method = text
		case "http.route":
			r.Route = text
		case "url.path":
			r.Path = text
		case "error.type":
			r.ErrorType = text
		case "http.response.status_code":
			if n := kv.GetValue().GetIntValue(); n > 0 && n < 1000 {
				r.Status = int(n)
			}
		}
	}
	r.Failed = r.Failed || r.Status >= 500
}

// millis keeps microseconds: finer digits are noise between clocks.
func millis(ns int64) float64 {
	return math.Round(float64(ns)/1e3) / 1e3
}
