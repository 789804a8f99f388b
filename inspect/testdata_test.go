// SPDX-License-Identifier: Apache-2.0

package inspect_test

import (
	"crypto/sha256"
	"time"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcev1 "go.opentelemetry.io/proto/otlp/resource/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

// epoch is when the requests of these tests happened: a fixed moment, so that answers are too.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// tid and sid make ids from names, so that a test reads as a story.
func tid(name string) []byte { h := sha256.Sum256([]byte("trace " + name)); return h[:16] }
func sid(name string) []byte { h := sha256.Sum256([]byte("span " + name)); return h[:8] }

type keyValue = commonv1.KeyValue

func str(k, v string) *commonv1.KeyValue {
	return &commonv1.KeyValue{Key: k, Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_StringValue{StringValue: v}}}
}

func num(k string, v int64) *commonv1.KeyValue {
	return &commonv1.KeyValue{Key: k, Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_IntValue{IntValue: v}}}
}

func truth(k string) *commonv1.KeyValue {
	return &commonv1.KeyValue{Key: k, Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_BoolValue{BoolValue: true}}}
}

type spanOption func(*tracev1.Span)

func child(parent string) spanOption {
	return func(s *tracev1.Span) { s.ParentSpanId = sid(parent) }
}

func kind(k tracev1.Span_SpanKind) spanOption { return func(s *tracev1.Span) { s.Kind = k } }

func attrs(kvs ...*commonv1.KeyValue) spanOption {
	return func(s *tracev1.Span) { s.Attributes = append(s.Attributes, kvs...) }
}

func failed(message string) spanOption {
	return func(s *tracev1.Span) {
		s.Status = &tracev1.Status{Code: tracev1.Status_STATUS_CODE_ERROR, Message: message}
	}
}

func linkTo(trace, span string) spanOption {
	return func(s *tracev1.Span) {
		s.Links = append(s.Links, &tracev1.Span_Link{TraceId: tid(trace), SpanId: sid(span)})
	}
}

// at sets when a span ran, in milliseconds after epoch.
func at(from, to float64) spanOption {
	return func(s *tracev1.Span) { s.StartTimeUnixNano, s.EndTimeUnixNano = moment(from), moment(to) }
}

func moment(ms float64) uint64 {
	return uint64(epoch.Add(time.Duration(ms * float64(time.Millisecond))).UnixNano())
}

func span(trace, name string, opts ...spanOption) *tracev1.Span {
	s := &tracev1.Span{TraceId: tid(trace), SpanId: sid(name), Name: name, StartTimeUnixNano: moment(0), EndTimeUnixNano: moment(1)}
	for _, o := range opts {
		o(s)
	}
	return s
}

// request is a server span as the middleware of this module makes it.
func request(trace, name, id, method, route string, status int64, opts ...spanOption) *tracev1.Span {
	s := span(trace, name, kind(tracev1.Span_SPAN_KIND_SERVER), attrs(
		str("request.id", id), str("http.request.method", method), str("http.route", route),
		str("url.path", route), str("url.scheme", "http"), str("server.address", "localhost"),
		num("server.port", 8080), num("http.response.status_code", status)))
	s.Name = method + " " + route
	for _, o := range opts {
		o(s)
	}
	return s
}

func line(trace, span, body string, severity logsv1.SeverityNumber, ms float64, kvs ...*commonv1.KeyValue) *logsv1.LogRecord {
	l := &logsv1.LogRecord{
		TimeUnixNano: moment(ms), SeverityNumber: severity, Attributes: kvs,
		Body: &commonv1.AnyValue{Value: &commonv1.AnyValue_StringValue{StringValue: body}},
	}
	if trace != "" {
		l.TraceId = tid(trace)
	}
	if span != "" {
		l.SpanId = sid(span)
	}
	return l
}

func service(name string) *resourcev1.Resource {
	return &resourcev1.Resource{Attributes: []*commonv1.KeyValue{str("service.name", name)}}
}

func traces(name string, spans ...*tracev1.Span) *tracev1.TracesData {
	return &tracev1.TracesData{ResourceSpans: []*tracev1.ResourceSpans{{
		Resource:   service(name),
		ScopeSpans: []*tracev1.ScopeSpans{{Scope: &commonv1.InstrumentationScope{Name: "test", Version: "1.2.3"}, Spans: spans}},
	}}}
}

func logs(name string, lines ...*logsv1.LogRecord) *logsv1.LogsData {
	return &logsv1.LogsData{ResourceLogs: []*logsv1.ResourceLogs{{
		Resource:  service(name),
		ScopeLogs: []*logsv1.ScopeLogs{{LogRecords: lines}},
	}}}
}

func list(k string, values ...string) *commonv1.KeyValue {
	a := &commonv1.ArrayValue{}
	for _, v := range values {
		a.Values = append(a.Values, &commonv1.AnyValue{Value: &commonv1.AnyValue_StringValue{StringValue: v}})
	}
	return &commonv1.KeyValue{Key: k, Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_ArrayValue{ArrayValue: a}}}
}

func double(k string, v float64) *commonv1.KeyValue {
	return &commonv1.KeyValue{Key: k, Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_DoubleValue{DoubleValue: v}}}
}
