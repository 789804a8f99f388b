// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcev1 "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// view is one request with everything it did.
type view struct {
	Request row        `json:"request"`
	Errors  []failure  `json:"errors,omitempty"` // the cause first
	Curl    string     `json:"curl,omitempty"`
	Others  []row      `json:"others,omitempty"` // requests that carry the same id
	Causes  []string   `json:"causes,omitempty"` // traces it links to that are shown elsewhere
	Spans   []spanView `json:"spans"`            // in tree order
	Logs    []logView  `json:"logs"`             // in time order
}

type spanView struct {
	TraceID    string      `json:"trace_id"`
	SpanID     string      `json:"span_id"`
	ParentID   string      `json:"parent_id,omitempty"`
	Via        string      `json:"via"` // root, parent, link, orphan
	Depth      int         `json:"depth"`
	Name       string      `json:"name"`
	Kind       string      `json:"kind"`
	Service    string      `json:"service"`
	Request    string      `json:"request_id,omitempty"`
	OffsetMS   float64     `json:"offset_ms"` // from the start of the request's first span
	DurationMS float64     `json:"duration_ms"`
	Failed     bool        `json:"failed,omitempty"`
	After      bool        `json:"after_response,omitempty"` // it ended after the response was sent
	Logs       int         `json:"logs,omitempty"`
	Details    *detail     `json:"details,omitempty"`
	Links      []linkView  `json:"links,omitempty"`
	Events     []eventView `json:"events,omitempty"`
}

type detail struct {
	Status     string     `json:"status,omitempty"`
	Start      time.Time  `json:"start"`
	Attributes attributes `json:"attributes,omitempty"`
	Resource   attributes `json:"resource,omitempty"`
	Scope      string     `json:"scope,omitempty"`
	TraceState string     `json:"trace_state,omitempty"`
	Dropped    uint32     `json:"dropped_attributes,omitempty"`
}

type linkView struct {
	TraceID    string     `json:"trace_id"`
	SpanID     string     `json:"span_id"`
	Here       bool       `json:"here"` // part of this view
	Attributes attributes `json:"attributes,omitempty"`
	ref        spanRef
}

type eventView struct {
	Name       string     `json:"name"`
	OffsetMS   float64    `json:"offset_ms"`
	Attributes attributes `json:"attributes,omitempty"`
}

type logView struct {
	TraceID    string     `json:"trace_id,omitempty"`
	SpanID     string     `json:"span_id,omitempty"`
	Time       time.Time  `json:"time"`
	OffsetMS   float64    `json:"offset_ms"`
	Severity   string     `json:"severity"`
	Level      int        `json:"level"`
	Service    string     `json:"service"`
	Body       string     `json:"body"`
	Recorded   bool       `json:"recorded,omitempty"` // kept by a flight recorder and written later
	Attributes attributes `json:"attributes,omitempty"`
}

// level is how much of a view is wanted.
type level struct {
	details bool // attributes, events, links
	max     int  // bytes per string; 0 is no bound
}

// newView lays one request out. request narrows a trace that several requests share; it is "" for all
// of it.
func newView(it *item, request string, lv level) (*forest, *view) {
	f := newForest(it.parts)
	var logs []*logRecord
	for _, p := range it.parts {
		logs = append(logs, p.logs...)
	}
	if request != "" && len(f.requests()) > 1 {
		f.keep(request)
		logs = f.logsOf(logs, request)
	}
	v := &view{Spans: make([]spanView, 0, len(f.order)), Logs: make([]logView, 0, len(logs))}
	base, end := f.window(logs)
	count := map[spanRef]int{}
	logs = slices.Clone(logs)
	slices.SortStableFunc(logs, func(a, b *logRecord) int { return cmp.Compare(a.time, b.time) })
	for _, l := range logs {
		count[l.spanRef]++
		v.Logs = append(v.Logs, newLogView(l, base, lv))
	}
	for _, i := range f.order {
		n := &f.nodes[i]
		sv := newSpanView(n, base, lv)
		sv.After = n.end > end
		sv.Logs = count[n.spanRef]
		for j := range sv.Links {
			sv.Links[j].mark(f)
		}
		v.Spans = append(v.Spans, sv)
	}
	v.Errors = f.failures(v.Logs, lv.max)
	if head := f.head(); head != nil {
		v.Curl = curlOf(head)
	}
	return f, v
}

// window returns when the request started, and when it was answered.
func (f *forest) window(logs []*logRecord) (start, end int64) {
	if head := f.head(); head != nil {
		return head.start, head.end
	}
	for _, l := range logs {
		if start == 0 || l.time < start {
			start = l.time
		}
		end = max(end, l.time)
	}
	return start, end
}

func newSpanView(n *node, base int64, lv level) spanView {
	v := spanView{
		TraceID:    n.trace.String(),
		SpanID:     n.spanRef.span.String(),
		Via:        n.via,
		Depth:      n.depth,
		Name:       n.name.Value(),
		Kind:       kindName(n.kind),
		Service:    n.origin.Value().service,
		Request:    n.requestID,
		OffsetMS:   millis(n.start - base),
		DurationMS: millis(max(n.end-n.start, 0)),
		Failed:     n.failed,
	}
	if n.span.parent.valid() {
		v.ParentID = n.span.parent.String()
	}
	if lv.details {
		v.addDetails(n.span, base, lv.max)
	}
	return v
}

func (v *spanView) addDetails(s *span, base int64, limit int) {
	var p tracev1.Span
	if proto.Unmarshal(s.raw, &p) != nil {
		return
	}
	o := s.origin.Value()
	v.Details = &detail{
		Status:     cut(p.GetStatus().GetMessage(), limit),
		Start:      time.Unix(0, s.start).UTC(),
		Attributes: attributesOf(p.GetAttributes(), limit),
		Resource:   resourceOf(o, limit),
		Scope:      strings.TrimSpace(o.scope + " " + o.version),
		TraceState: p.GetTraceState(),
		Dropped:    p.GetDroppedAttributesCount(),
	}
	for _, e := range p.GetEvents() {
		v.Events = append(v.Events, eventView{
			Name:       cut(e.GetName(), limit),
			OffsetMS:   millis(int64(e.GetTimeUnixNano()) - base),
			Attributes: attributesOf(e.GetAttributes(), limit),
		})
	}
	for _, l := range p.GetLinks() {
		var ref spanRef
		if setID(ref.trace[:], l.GetTraceId()) {
			setID(ref.span[:], l.GetSpanId())
			v.Links = append(v.Links, linkView{TraceID: ref.trace.String(), SpanID: ref.span.String(), Attributes: attributesOf(l.GetAttributes(), limit), ref: ref})
		}
	}
}

func (l *linkView) mark(f *forest) { _, l.Here = f.byRef[l.ref] }

func newLogView(l *logRecord, base int64, lv level) logView {
	v := logView{
		Time:     time.Unix(0, l.time).UTC(),
		OffsetMS: millis(l.time - base),
		Level:    int(l.severity),
		Service:  l.origin.Value().service,
	}
	if l.trace.valid() {
		v.TraceID = l.trace.String()
	}
	if l.span.valid() {
		v.SpanID = l.span.String()
	}
	var p logsv1.LogRecord
	if proto.Unmarshal(l.raw, &p) != nil {
		return v
	}
	v.Severity = cmp.Or(clip(p.GetSeverityText(), 16), severityName(l.severity))
	v.Body = bodyOf(&p, lv.max)
	v.Attributes = attributesOf(p.GetAttributes(), lv.max)
	return v
}

func resourceOf(o origin, limit int) attributes {
	var p resourcev1.Resource
	if proto.Unmarshal([]byte(o.resource), &p) != nil {
		return nil
	}
	return attributesOf(p.GetAttributes(), limit)
}

func kindName(k uint8) string {
	if k == 0 {
		return "internal"
	}
	return lowerASCII(strings.TrimPrefix(tracev1.Span_SpanKind(k).String(), "SPAN_KIND_"))
}

// severityName names the six ranges of the log data model.
func severityName(n uint8) string {
	if n == 0 {
		return ""
	}
	return [...]string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}[(n-1)/4]
}

func compactJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
