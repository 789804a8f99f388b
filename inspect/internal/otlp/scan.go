// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// spanScan is what is read from a span's attributes on arrival. The slices are parts of the encoded
// span.
type spanScan struct {
	requestID, task, urlPath []byte
}

// scan reads the fields by which spans are found and ordered. The numbers are those of Span in
// opentelemetry/proto/trace/v1/trace.proto.
func (f *spanScan) scan(raw []byte, s *telemetry.Span) {
	c := cursor{rest: raw}
	for c.next() {
		switch {
		case c.is(1, protowire.BytesType):
			telemetry.SetID(s.Trace[:], c.bytes)
		case c.is(2, protowire.BytesType):
			telemetry.SetID(s.SpanRef.Span[:], c.bytes)
		case c.is(4, protowire.BytesType):
			telemetry.SetID(s.Parent[:], c.bytes)
		case c.is(5, protowire.BytesType):
			end := len(raw) - len(c.rest)
			s.NameAt, s.NameEnd = uint32(end-len(c.bytes)), uint32(end)
		case c.is(6, protowire.VarintType):
			s.Kind = enum(c.number, 5)
		case c.is(7, protowire.Fixed64Type):
			s.Start = int64(c.number)
		case c.is(8, protowire.Fixed64Type):
			s.End = int64(c.number)
		case c.is(9, protowire.BytesType):
			f.attribute(c.bytes, s)
		case c.is(13, protowire.BytesType) && len(s.Links) < maxLinks:
			if l := scanLink(c.bytes); l.Trace.Valid() {
				s.Links = append(s.Links, l)
			}
		case c.is(15, protowire.BytesType):
			s.Failed = scanStatus(c.bytes) == uint64(tracev1.Status_STATUS_CODE_ERROR)
		}
	}
}

func (f *spanScan) attribute(kv []byte, s *telemetry.Span) {
	key, value, number := scanKeyValue(kv)
	switch string(key) {
	case "request.id", "request_id":
		if f.requestID == nil && len(value) <= maxIndexedID {
			f.requestID = value
		}
	case telemetry.TaskKindKey:
		f.task = value
	case telemetry.ThreadIDKey:
		s.Thread = number
	case "url.path":
		f.urlPath = value
	}
}

func scanLink(b []byte) (l telemetry.SpanRef) {
	c := cursor{rest: b}
	for c.next() {
		switch {
		case c.is(1, protowire.BytesType):
			telemetry.SetID(l.Trace[:], c.bytes)
		case c.is(2, protowire.BytesType):
			telemetry.SetID(l.Span[:], c.bytes)
		}
	}
	return l
}

func scanStatus(b []byte) (code uint64) {
	c := cursor{rest: b}
	for c.next() {
		if c.is(3, protowire.VarintType) {
			code = c.number
		}
	}
	return code
}

// logScan is what is read from a log record's attributes on arrival.
type logScan struct {
	requestID, traceID, spanID []byte
	observed                   int64
}

// scan reads the fields by which lines are found and ordered. The numbers are those of LogRecord in
// opentelemetry/proto/logs/v1/logs.proto.
func (f *logScan) scan(raw []byte, l *telemetry.LogRecord) {
	c := cursor{rest: raw}
	for c.next() {
		switch {
		case c.is(1, protowire.Fixed64Type):
			l.Time = int64(c.number)
		case c.is(2, protowire.VarintType):
			l.Severity = enum(c.number, 24)
		case c.is(6, protowire.BytesType):
			f.attribute(c.bytes, l)
		case c.is(9, protowire.BytesType):
			telemetry.SetID(l.Trace[:], c.bytes)
		case c.is(10, protowire.BytesType):
			telemetry.SetID(l.Span[:], c.bytes)
		case c.is(11, protowire.Fixed64Type):
			f.observed = int64(c.number)
		}
	}
}

// Lines of loggers that do not know spans name them in fields.
func (f *logScan) attribute(kv []byte, l *telemetry.LogRecord) {
	key, value, number := scanKeyValue(kv)
	switch string(key) {
	case "request_id", "request.id":
		if f.requestID == nil && len(value) <= maxIndexedID {
			f.requestID = value
		}
	case "trace_id":
		f.traceID = value
	case "span_id":
		f.spanID = value
	case telemetry.ThreadIDKey:
		l.Thread = number
	case recordedKey:
		l.Recorded = number != 0
	}
}

// recordedKey is the field of lines that a flight recorder of package logging has kept.
const recordedKey = "log_recorded"

// scanKeyValue returns an attribute's key and its value: a string in value, a boolean or an integer
// in number.
func scanKeyValue(b []byte) (key, value []byte, number int64) {
	c := cursor{rest: b}
	for c.next() {
		switch {
		case c.is(1, protowire.BytesType):
			key = c.bytes
		case c.is(2, protowire.BytesType):
			v := cursor{rest: c.bytes}
			for v.next() {
				value, number = nil, 0 // the last one set is the value
				switch {
				case v.is(1, protowire.BytesType):
					value = v.bytes
				case v.is(2, protowire.VarintType), v.is(3, protowire.VarintType):
					number = int64(v.number)
				}
			}
		}
	}
	return key, value, number
}

// enum reads the number of an enumeration; one out of range counts as unspecified.
func enum(n uint64, most uint8) uint8 {
	if n > uint64(most) {
		return 0
	}
	return uint8(n)
}
