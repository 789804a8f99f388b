// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"strings"
	"time"

	resourcev1 "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// spanView is a span in the JSON API.
type spanView struct {
	TraceID    string      `json:"trace_id"`
	SpanID     string      `json:"span_id"`
	ParentID   string      `json:"parent_id,omitempty"`
	Via        string      `json:"via"` // root, parent, link, orphan
	Depth      int         `json:"depth"`
	Name       string      `json:"name"`
	Hint       string      `json:"hint,omitempty"` // its query, its URL: what it was about
	Kind       string      `json:"kind"`
	Service    string      `json:"service"`
	RequestID  string      `json:"request_id,omitempty"`
	Task       string      `json:"task,omitempty"` // the kind of task that begins with it
	OffsetMS   float64     `json:"offset_ms"`      // from the start of the request
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
	Dropped    uint32     `json:"dropped_attributes,omitempty"` // by the sender
}

type linkView struct {
	TraceID    string     `json:"trace_id"`
	SpanID     string     `json:"span_id"`
	Here       bool       `json:"here"` // part of this view
	Attributes attributes `json:"attributes,omitempty"`
}

type eventView struct {
	Name       string     `json:"name"`
	OffsetMS   float64    `json:"offset_ms"`
	Attributes attributes `json:"attributes,omitempty"`
}

func (f *forest) span(i int, base, answered int64, lv level) spanView {
	n := &f.nodes[i]
	v := spanView{
		TraceID:    n.trace.String(),
		SpanID:     n.spanRef.span.String(),
		Via:        n.via,
		Depth:      n.depth,
		Name:       n.name(),
		Hint:       hintOf(n.raw),
		Kind:       kindName(n.kind),
		Service:    n.origin.service,
		RequestID:  n.requestID,
		OffsetMS:   millis(n.start - base),
		DurationMS: millis(max(n.end-n.start, 0)),
		Failed:     n.failed,
		After:      n.end > answered,
	}
	if n.span.parent.valid() {
		v.ParentID = n.span.parent.String()
	}
	if lv.details {
		f.addDetails(&v, n.span, base, lv.max)
	}
	return v
}

func (f *forest) addDetails(v *spanView, s *span, base int64, limit int) {
	var p tracev1.Span
	if proto.Unmarshal(s.raw, &p) != nil {
		return
	}
	o := s.origin
	q := newQuota(limit)
	v.Details = &detail{
		Status:     q.cut(p.GetStatus().GetMessage()),
		Start:      time.Unix(0, s.start).UTC(),
		Attributes: attributesOf(p.GetAttributes(), q),
		Resource:   resourceOf(o, q),
		Scope:      q.cut(strings.TrimSpace(o.scope + " " + o.version)),
		TraceState: q.cut(p.GetTraceState()),
		Dropped:    p.GetDroppedAttributesCount(),
	}
	for _, e := range p.GetEvents() {
		v.Events = append(v.Events, eventView{
			Name:       q.cut(e.GetName()),
			OffsetMS:   millis(int64(e.GetTimeUnixNano()) - base),
			Attributes: attributesOf(e.GetAttributes(), q),
		})
	}
	for _, l := range p.GetLinks() {
		var ref spanRef
		if setID(ref.trace[:], l.GetTraceId()) {
			setID(ref.span[:], l.GetSpanId())
			_, here := f.byRef[ref]
			v.Links = append(v.Links, linkView{TraceID: ref.trace.String(), SpanID: ref.span.String(), Here: here, Attributes: attributesOf(l.GetAttributes(), q)})
		}
	}
}

func resourceOf(o *origin, q *quota) attributes {
	var p resourcev1.Resource
	if proto.Unmarshal([]byte(o.resource), &p) != nil {
		return nil
	}
	return attributesOf(p.GetAttributes(), q)
}

func kindName(k uint8) string {
	if k == 0 {
		return "internal"
	}
	return lowerASCII(strings.TrimPrefix(tracev1.Span_SpanKind(k).String(), "SPAN_KIND_"))
}
