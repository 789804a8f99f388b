// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"unique"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcev1 "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	maxLinks       = 64  // links kept per span for following; all of them stay visible in the span itself
	maxIndexedID   = 256 // a longer request id is shown, but not indexed
	maxIndexedName = 256
	maxTaskKind    = 32
)

// The messages of the collector packages differ from TracesData and LogsData in name only: same field
// numbers, same wire form. Decoding into the latter keeps gRPC out of every program that imports this
// package.
func (in *Inspector) decodeTraces(body []byte, json bool) (*batch, error) {
	var data tracev1.TracesData
	if err := unmarshal(body, &data, json); err != nil {
		return nil, err
	}
	b := &batch{path: in.cfg.path}
	for _, rs := range data.GetResourceSpans() {
		from := newOrigin(rs.GetResource())
		for _, ss := range rs.GetScopeSpans() {
			o := from.scoped(ss.GetScope())
			for _, s := range ss.GetSpans() {
				b.addSpan(s, o)
			}
		}
	}
	return b, nil
}

func (in *Inspector) decodeLogs(body []byte, json bool) (*batch, error) {
	var data logsv1.LogsData
	if err := unmarshal(body, &data, json); err != nil {
		return nil, err
	}
	b := &batch{fromLogs: true}
	for _, rl := range data.GetResourceLogs() {
		from := newOrigin(rl.GetResource())
		for _, sl := range rl.GetScopeLogs() {
			o := from.scoped(sl.GetScope())
			for _, l := range sl.GetLogRecords() {
				b.addLog(l, o)
			}
		}
	}
	return b, nil
}

func unmarshal(body []byte, m proto.Message, json bool) error {
	if json {
		return unmarshalJSON(body, m)
	}
	return proto.Unmarshal(body, m)
}

func (b *batch) addSpan(p *tracev1.Span, o unique.Handle[origin]) {
	s := &span{
		start:  int64(p.GetStartTimeUnixNano()),
		end:    int64(p.GetEndTimeUnixNano()),
		kind:   uint8(min(max(p.GetKind(), 0), 5)),
		failed: p.GetStatus().GetCode() == tracev1.Status_STATUS_CODE_ERROR,
		name:   unique.Make(clip(p.GetName(), maxIndexedName)),
		origin: o,
	}
	if !setID(s.trace[:], p.GetTraceId()) || !setID(s.spanRef.span[:], p.GetSpanId()) {
		b.reject("a span needs a trace id of 16 bytes and a span id of 8, neither all zero")
		return
	}
	setID(s.parent[:], p.GetParentSpanId())
	if b.isOwn(p) {
		if !s.parent.valid() {
			b.own = append(b.own, s.trace)
		}
		return
	}
	raw, err := proto.Marshal(p)
	if err != nil {
		b.reject(err.Error())
		return
	}
	s.raw = raw
	s.requestID = requestIDOf(p.GetAttributes())
	s.task = unique.Make(clip(stringOf(p.GetAttributes(), taskKindKey), maxTaskKind)).Value()
	for _, l := range p.GetLinks() {
		var ref spanRef
		if len(s.links) < maxLinks && setID(ref.trace[:], l.GetTraceId()) && ref.trace != s.trace {
			setID(ref.span[:], l.GetSpanId())
			s.links = append(s.links, ref)
		}
	}
	b.spans = append(b.spans, s)
}

func (b *batch) addLog(p *logsv1.LogRecord, o unique.Handle[origin]) {
	l := &logRecord{
		time:      int64(p.GetTimeUnixNano()),
		observed:  int64(p.GetObservedTimeUnixNano()),
		severity:  uint8(min(max(p.GetSeverityNumber(), 0), 24)),
		requestID: requestIDOf(p.GetAttributes()),
		origin:    o,
	}
	if l.time == 0 {
		l.time = l.observed
	}
	if !setID(l.trace[:], p.GetTraceId()) {
		l.trace, _ = parseTraceID(stringOf(p.GetAttributes(), "trace_id"))
	}
	if !setID(l.span[:], p.GetSpanId()) {
		l.span, _ = parseSpanID(stringOf(p.GetAttributes(), "span_id"))
	}
	if !l.trace.valid() && l.requestID == "" {
		b.ignored++
		return
	}
	raw, err := proto.Marshal(p)
	if err != nil {
		b.reject(err.Error())
		return
	}
	l.raw = raw
	b.logs = append(b.logs, l)
}

func (b *batch) reject(reason string) {
	if b.rejected == 0 {
		b.reason = reason
	}
	b.rejected++
}

func newOrigin(r *resourcev1.Resource) origin {
	o := origin{service: stringOf(r.GetAttributes(), "service.name")}
	if o.service == "" {
		o.service = "unknown_service"
	}
	if raw, err := (proto.MarshalOptions{Deterministic: true}).Marshal(r); err == nil {
		o.resource = string(raw)
	}
	return o
}

func (o origin) scoped(s *commonv1.InstrumentationScope) unique.Handle[origin] {
	o.scope, o.version = s.GetName(), s.GetVersion()
	return unique.Make(o)
}

// setID copies an id of the right length; anything else, or zeros, leaves dst zero.
func setID(dst, src []byte) bool {
	if len(src) != len(dst) {
		return false
	}
	zero := true
	for _, c := range src {
		zero = zero && c == 0
	}
	if !zero {
		copy(dst, src)
	}
	return !zero
}

// Spans carry the request's id as request.id, log lines as request_id. Senders that use the other's
// key are understood too.
func requestIDOf(attrs []*commonv1.KeyValue) string {
	for _, kv := range attrs {
		if k := kv.GetKey(); k == "request.id" || k == "request_id" {
			if v := kv.GetValue().GetStringValue(); v != "" && len(v) <= maxIndexedID {
				return v
			}
		}
	}
	return ""
}

func stringOf(attrs []*commonv1.KeyValue, key string) string {
	for _, kv := range attrs {
		if kv.GetKey() == key {
			return kv.GetValue().GetStringValue()
		}
	}
	return ""
}

// clip shortens s to at most n bytes at a rune boundary.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
