// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"strings"
	"time"

	resourcev1 "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/asynclocal/asynclocal/inspect/internal/otlp"
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// spanDetail is a span in the JSON API.
type spanDetail struct {
	TraceID    string        `json:"trace_id"`
	SpanID     string        `json:"span_id"`
	ParentID   string        `json:"parent_id,omitempty"`
	Via        string        `json:"via"` // root, parent, link, orphan
	Depth      int           `json:"depth"`
	Name       string        `json:"name"`
	Hint       string        `json:"hint,omitempty"` // its query or URL: what it was about
	Kind       string        `json:"kind"`
	Service    string        `json:"service"`
	RequestID  string        `json:"request_id,omitempty"`
	Task       string        `json:"task,omitempty"` // the kind of task that begins with it
	OffsetMS   float64       `json:"offset_ms"`      // from the start of the request
	DurationMS float64       `json:"duration_ms"`
	Failed     bool          `json:"failed,omitempty"`
	After      bool          `json:"after_response,omitempty"` // it ended after the response was sent
	Logs       int           `json:"logs,omitempty"`
	Details    *spanContent  `json:"details,omitempty"`
	Links      []linkDetail  `json:"links,omitempty"`
	Events     []eventDetail `json:"events,omitempty"`
}

type spanContent struct {
	Status     string     `json:"status,omitempty"`
	Start      time.Time  `json:"start"`
	Attributes attributes `json:"attributes,omitempty"`
	Resource   attributes `json:"resource,omitempty"`
	Scope      string     `json:"scope,omitempty"`
	TraceState string     `json:"trace_state,omitempty"`
	Dropped    uint32     `json:"dropped_attributes,omitempty"` // by the sender
}

type linkDetail struct {
	TraceID    string     `json:"trace_id"`
	SpanID     string     `json:"span_id"`
	Here       bool       `json:"here"` // part of this view
	Attributes attributes `json:"attributes,omitempty"`
}

type eventDetail struct {
	Name       string     `json:"name"`
	OffsetMS   float64    `json:"offset_ms"`
	Attributes attributes `json:"attributes,omitempty"`
}

func (f *forest) span(i int, base, answered int64, lv detailLevel) spanDetail {
	n := &f.nodes[i]
	v := spanDetail{
		TraceID:    n.Trace.String(),
		SpanID:     n.SpanRef.Span.String(),
		Via:        n.via,
		Depth:      n.depth,
		Name:       n.Name(),
		Hint:       otlp.Hint(n.Raw),
		Kind:       kindName(n.Kind),
		Service:    n.Source.Service,
		RequestID:  n.RequestID,
		OffsetMS:   millis(n.Start - base),
		DurationMS: millis(max(n.End-n.Start, 0)),
		Failed:     n.Failed,
		After:      n.End > answered,
	}
	if n.Span.Parent.Valid() {
		v.ParentID = n.Span.Parent.String()
	}
	if lv.details {
		f.addDetails(&v, n.Span, base, lv.max)
	}
	return v
}

func (f *forest) addDetails(v *spanDetail, s *telemetry.Span, base int64, limit int) {
	var p tracev1.Span
	if proto.Unmarshal(s.Raw, &p) != nil {
		return
	}
	o := s.Source
	q := newQuota(limit)
	v.Details = &spanContent{
		Status:     q.cut(p.GetStatus().GetMessage()),
		Start:      time.Unix(0, s.Start).UTC(),
		Attributes: attributesOf(p.GetAttributes(), q),
		Resource:   resourceOf(o, q),
		Scope:      q.cut(strings.TrimSpace(o.Scope + " " + o.Version)),
		TraceState: q.cut(p.GetTraceState()),
		Dropped:    p.GetDroppedAttributesCount(),
	}
	for _, e := range p.GetEvents() {
		v.Events = append(v.Events, eventDetail{
			Name:       q.cut(e.GetName()),
			OffsetMS:   millis(int64(e.GetTimeUnixNano()) - base),
			Attributes: attributesOf(e.GetAttributes(), q),
		})
	}
	for _, l := range p.GetLinks() {
		var ref telemetry.SpanRef
		if telemetry.SetID(ref.Trace[:], l.GetTraceId()) {
			telemetry.SetID(ref.Span[:], l.GetSpanId())
			_, here := f.byRef[ref]
			v.Links = append(v.Links, linkDetail{TraceID: ref.Trace.String(), SpanID: ref.Span.String(), Here: here, Attributes: attributesOf(l.GetAttributes(), q)})
		}
	}
}

func resourceOf(o *telemetry.Source, q *quota) attributes {
	var p resourcev1.Resource
	if proto.Unmarshal([]byte(o.Resource), &p) != nil {
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
