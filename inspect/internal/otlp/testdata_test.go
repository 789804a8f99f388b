// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"testing"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

var (
	traceID = []byte("0123456789abcdef")
	spanID  = []byte("01234567")
)

func str(k, v string) *commonv1.KeyValue {
	return &commonv1.KeyValue{Key: k, Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_StringValue{StringValue: v}}}
}

func num(k string, v int64) *commonv1.KeyValue {
	return &commonv1.KeyValue{Key: k, Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_IntValue{IntValue: v}}}
}

// everyField is a span with something in each of its fields.
func everyField() *tracev1.Span {
	list := &commonv1.ArrayValue{Values: []*commonv1.AnyValue{str("", "a").Value, str("", "b").Value}}
	members := &commonv1.KeyValueList{Values: []*commonv1.KeyValue{str("inner", "v"), {Key: "nothing"}}}
	return &tracev1.Span{
		TraceId: traceID, SpanId: spanID, ParentSpanId: []byte("76543210"), Name: "GET /", Kind: tracev1.Span_SPAN_KIND_SERVER,
		StartTimeUnixNano: 5, EndTimeUnixNano: 6, TraceState: "a=b", Flags: 257, DroppedAttributesCount: 3,
		Status: &tracev1.Status{Code: tracev1.Status_STATUS_CODE_ERROR, Message: "broken"},
		Links:  []*tracev1.Span_Link{{TraceId: traceID, SpanId: spanID, TraceState: "c=d", Attributes: []*commonv1.KeyValue{str("k", "v")}}},
		Events: []*tracev1.Span_Event{{Name: "event", TimeUnixNano: 5, Attributes: []*commonv1.KeyValue{str("k", "v"), num("n", -1)}}},
		Attributes: []*commonv1.KeyValue{
			str("request.id", "r"), str("url.path", "/"), num("http.response.status_code", 200), str("asynclocal.task.kind", "go"), str("ü", "ø"),
			{Key: "list", Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_ArrayValue{ArrayValue: list}}},
			{Key: "map", Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_KvlistValue{KvlistValue: members}}},
		},
	}
}

// everyLogField is a log record with something in each of its fields.
func everyLogField() *logsv1.LogRecord {
	return &logsv1.LogRecord{
		TraceId: traceID, SpanId: spanID, TimeUnixNano: 5, ObservedTimeUnixNano: 7, SeverityNumber: 9, SeverityText: "INFO",
		EventName: "event", Flags: 1, Body: str("", "body").Value,
		Attributes: []*commonv1.KeyValue{
			str("request_id", "r"), str("trace_id", "x"), str("span_id", "y"), num("thread.id", 7),
			{Key: "log_recorded", Value: &commonv1.AnyValue{Value: &commonv1.AnyValue_BoolValue{BoolValue: true}}},
		},
	}
}

func encode(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
