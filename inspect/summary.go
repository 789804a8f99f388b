// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"math"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/inspect/internal/spanstore"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

const maxSummaryText = 256

// summary is one request in the list.
type summary struct {
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
	TotalMS    float64   `json:"total_ms"`    // until the last span ended, including jobs
	Spans      int       `json:"spans"`
	Logs       int       `json:"logs"`
	Errors     int       `json:"errors"` // failed spans and error lines
	Jobs       int       `json:"jobs"`
	Services   []string  `json:"services"`
	Dropped    int       `json:"dropped,omitempty"`  // records beyond the limit of one request
	Repeated   []string  `json:"repeated,omitempty"` // statements and calls, each with its number
}

// maxTraceSummaries is how many requests of one trace are listed, the latest ones: a client that
// sends one traceparent with everything can make any number of them.
const maxTraceSummaries = maxLimit

// summariesOf summarizes a family of traces: one row, or one per request if several share the
// trace, the latest first.
func summariesOf(parts []spanstore.Part, dropped int, slow time.Duration) (rows []summary, more bool) {
	f := newForest(parts)
	var logs []*telemetry.LogRecord
	for _, p := range parts {
		logs = append(logs, p.Logs...)
	}
	groups := f.groups(logs)
	if len(groups) <= 1 {
		r := newSummary(f, logs, slow)
		if len(groups) == 1 {
			r.RequestID = groups[0].id
		}
		r.Dropped = dropped
		return []summary{r}, false
	}
	if more = len(groups) > maxTraceSummaries; more {
		slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(f.nodes[b.order[0]].Start, f.nodes[a.order[0]].Start) })
		groups = groups[:maxTraceSummaries]
	}
	rows = make([]summary, 0, len(groups))
	for _, g := range groups {
		f.order = g.order
		r := newSummary(f, g.logs, slow)
		r.RequestID = g.id
		r.Dropped = dropped
		rows = append(rows, r)
	}
	sortSummaries(rows)
	return rows, more
}

// group is one of the requests that share a trace.
type group struct {
	id    string
	order []int // its nodes, in the forest's order
	logs  []*telemetry.LogRecord
}

// groups separates the requests of a trace, in one pass over the data.
func (f *forest) groups(logs []*telemetry.LogRecord) (groups []group) {
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

// requestOf returns the request of a line: that of its span, which may know better, else its own.
func (f *forest) requestOf(l *telemetry.LogRecord) string {
	if i, ok := f.byRef[l.SpanRef]; ok {
		return f.nodes[i].request
	}
	return l.RequestID
}

func newSummary(f *forest, logs []*telemetry.LogRecord, slow time.Duration) summary {
	r := summary{Spans: len(f.order), Logs: len(logs), Services: []string{}}
	for _, l := range logs {
		if l.Severity >= telemetry.SeverityError {
			r.Errors++
		}
		if r.RequestID == "" {
			r.RequestID = l.RequestID
		}
	}
	head := f.head()
	if head == nil {
		r.describeLines(logs)
		r.Slow = r.DurationMS*1e6 >= float64(slow)
		return r
	}
	last := head.End
	for _, i := range f.order {
		n := &f.nodes[i]
		last = max(last, n.End)
		if n.Failed {
			r.Errors++
		}
		if n.Kind == telemetry.KindConsumer {
			r.Jobs++
			r.Failed = r.Failed || n.Failed
		}
		r.addService(n.Source.Service)
	}
	r.describe(head)
	r.DurationMS = millis(head.End - head.Start)
	r.TotalMS = millis(last - head.Start)
	r.Slow = head.End-head.Start >= int64(slow)
	return r
}

func (r *summary) addService(name string) {
	if name = telemetry.Clip(name, maxSummaryText); len(r.Services) < 16 && !slices.Contains(r.Services, name) {
		r.Services = append(r.Services, name)
	}
}

func (r *summary) describe(head *node) {
	r.TraceID = head.Trace.String()
	r.Name = head.Name()
	r.Start = time.Unix(0, head.Start).UTC()
	r.Failed = r.Failed || head.Failed
	r.Pending = head.via == viaOrphan && head.Kind != telemetry.KindServer && head.Kind != telemetry.KindConsumer
	var p tracev1.Span
	if proto.Unmarshal(head.Raw, &p) != nil {
		return
	}
	for _, kv := range p.GetAttributes() {
		text := telemetry.Clip(kv.GetValue().GetStringValue(), maxSummaryText)
		switch attribute.Key(kv.GetKey()) {
		case "http.request.method":
			r.Method = text
		case "http.route":
			r.Route = text
		case "url.path":
			r.Path = text
		case "error.type":
			r.ErrorType = text
		case bill.RepeatedKey:
			r.Repeated = repeatedOf(kv.GetValue().GetArrayValue().GetValues())
		case "http.response.status_code":
			if n := kv.GetValue().GetIntValue(); n > 0 && n < 1000 {
				r.Status = int(n)
			}
		}
	}
	r.Failed = r.Failed || r.Status >= 500
}

// maxRepeated is how many repetitions a row shows.
const maxRepeated = 5

func repeatedOf(values []*commonv1.AnyValue) (all []string) {
	for _, v := range values[:min(len(values), maxRepeated)] {
		all = append(all, telemetry.Clip(v.GetStringValue(), maxSummaryText))
	}
	return all
}

// millis keeps microseconds: finer digits are noise between clocks.
func millis(ns int64) float64 {
	return math.Round(float64(ns)/1e3) / 1e3
}
