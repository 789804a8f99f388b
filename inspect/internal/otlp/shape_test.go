// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"bytes"
	"strings"
	"testing"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/asynclocal/asynclocal/inspect/internal/otlp"
)

func FuzzSpanIsReadAsTheProtobufLibraryReadsIt(f *testing.F) {
	f.Add(encode(f, everyField()))
	f.Add(encode(f, &tracev1.Span{TraceId: traceID, SpanId: spanID, Attributes: []*commonv1.KeyValue{num("thread.id", -7), str("thread.id", "7"), num("thread.id", 1<<40)}}))
	f.Add([]byte{})
	f.Add([]byte{0x2a, 1, 0xff})               // a name that is not UTF-8
	f.Add([]byte{0x28, 1})                     // a name that is a number
	f.Add([]byte{0x2b, 0x2c})                  // a group
	f.Add([]byte{0x4a, 2, 0x12, 1})            // a value cut short
	f.Add([]byte("\x91\xd6\xfe\xea000000000")) // a field number beyond the largest
	f.Fuzz(func(t *testing.T, b []byte) {
		var p tracev1.Span
		want, got := proto.Unmarshal(b, &p), otlp.CheckSpan(b)
		if (want == nil) != (got == nil) {
			t.Fatalf("accepted: %v, by the library: %v", got, want)
		}
		if want != nil {
			return
		}
		otlp.ScanSpan(b) // what is odd but well-formed must not panic
		got2 := otlp.ScanSpan(encode(t, &p))
		links := 0
		for _, l := range p.GetLinks() {
			if validID(l.GetTraceId(), 16) {
				links++
			}
		}
		if !sameID(got2.Trace, p.GetTraceId()) || !sameID(got2.Span, p.GetSpanId()) || !sameID(got2.Parent, p.GetParentSpanId()) ||
			uint64(got2.Start) != p.GetStartTimeUnixNano() || uint64(got2.End) != p.GetEndTimeUnixNano() || got2.Name != p.GetName() ||
			got2.Failed != (p.GetStatus().GetCode() == tracev1.Status_STATUS_CODE_ERROR) || got2.Links != min(links, 64) ||
			(p.GetKind() >= 0 && p.GetKind() <= 5 && got2.Kind != uint8(p.GetKind())) || got2.URLPath != last(p.GetAttributes(), "url.path") ||
			got2.Task != last(p.GetAttributes(), "asynclocal.task.kind") || got2.RequestID != firstID(p.GetAttributes()) ||
			got2.Thread != lastNumber(p.GetAttributes(), "thread.id") {
			t.Fatalf("read %+v\nof %v", got2, &p)
		}
	})
}

func FuzzLogRecordIsReadAsTheProtobufLibraryReadsIt(f *testing.F) {
	f.Add(encode(f, everyLogField()))
	f.Add([]byte{})
	f.Add([]byte{0x2a, 3, 0x0a, 1, 0xff})
	f.Add([]byte("\xfd\x9f\x9f\x9f00000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p logsv1.LogRecord
		want, got := proto.Unmarshal(b, &p), otlp.CheckLog(b)
		if (want == nil) != (got == nil) {
			t.Fatalf("accepted: %v, by the library: %v", got, want)
		}
		if want != nil {
			return
		}
		otlp.ScanLog(b)
		s := otlp.ScanLog(encode(t, &p))
		if !sameID(s.Trace, p.GetTraceId()) || !sameID(s.Span, p.GetSpanId()) || uint64(s.Time) != p.GetTimeUnixNano() ||
			uint64(s.Observed) != p.GetObservedTimeUnixNano() || s.RequestID != firstID(p.GetAttributes()) ||
			(p.GetSeverityNumber() >= 0 && p.GetSeverityNumber() <= 24 && s.Severity != uint8(p.GetSeverityNumber())) ||
			s.TraceID != last(p.GetAttributes(), "trace_id") || s.SpanID != last(p.GetAttributes(), "span_id") ||
			s.Thread != lastNumber(p.GetAttributes(), "thread.id") || s.Recorded != (lastNumber(p.GetAttributes(), "log_recorded") != 0) {
			t.Fatalf("read %+v\nof %v", s, &p)
		}
	})
}

func validID(id []byte, n int) bool { return len(id) == n && !bytes.Equal(id, make([]byte, n)) }

func sameID(got, sent []byte) bool {
	if !validID(sent, len(got)) {
		return bytes.Equal(got, make([]byte, len(got)))
	}
	return bytes.Equal(got, sent)
}

func lastNumber(attrs []*commonv1.KeyValue, key string) (value int64) {
	for _, kv := range attrs {
		if kv.GetKey() == key {
			if value = kv.GetValue().GetIntValue(); kv.GetValue().GetBoolValue() {
				value = 1
			}
		}
	}
	return value
}

func last(attrs []*commonv1.KeyValue, key string) (value string) {
	for _, kv := range attrs {
		if kv.GetKey() == key {
			value = kv.GetValue().GetStringValue()
		}
	}
	return value
}

func firstID(attrs []*commonv1.KeyValue) string {
	for _, kv := range attrs {
		if k := kv.GetKey(); k == "request.id" || k == "request_id" {
			if v, ok := kv.GetValue().GetValue().(*commonv1.AnyValue_StringValue); ok && len(v.StringValue) <= 256 {
				return v.StringValue
			}
		}
	}
	return ""
}

// A value nested as deeply as the library allows is shown; one level more is malformed.
func TestNestingEndsWhereTheLibrarysDoes(t *testing.T) {
	t.Parallel()
	value := []byte{}
	for level := range 5010 {
		array := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), value)
		value = protowire.AppendBytes(protowire.AppendTag(nil, 5, protowire.BytesType), array)
		if level < 4990 {
			continue
		}
		kv := protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), value)
		b := protowire.AppendBytes(protowire.AppendTag(nil, 9, protowire.BytesType), kv)
		want, got := proto.Unmarshal(b, &tracev1.Span{}), otlp.CheckSpan(b)
		if (want == nil) != (got == nil) {
			t.Errorf("%d arrays: %v, the library says %v", level+1, got, want)
		}
	}
}

// What was mended is a record that the protobuf library takes, with the strings that it would have had.
func FuzzMendedIsWellFormed(f *testing.F) {
	f.Add([]byte{0x2a, 2, 0xff, 0xfe})
	f.Add(encode(f, everyField()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := otlp.CheckSpan(b); err != nil && strings.Contains(err.Error(), "UTF-8") {
			if err := proto.Unmarshal(otlp.MendSpan(b), &tracev1.Span{}); err != nil {
				t.Fatalf("%v of %x", err, otlp.MendSpan(b))
			}
		}
	})
}
