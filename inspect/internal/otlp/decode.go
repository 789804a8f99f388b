// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"errors"
	"strings"
	"unique"

	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

const (
	maxLinks     = 64  // links per span that are followed; all of them stay visible in the span itself
	maxIndexedID = 256 // a longer request id is shown, but not indexed
	maxTaskKind  = 32
)

// DecodeTraces decodes an ExportTraceServiceRequest, which has the same field numbers and wire form
// as a TracesData. The request messages themselves are in packages that would bring gRPC into every
// program that imports this one. path is the inspector's own, or "" for an inspector that is not
// served. add is called with some records at a time, which it may use until it returns.
func DecodeTraces(body []byte, json bool, path string, add func(*telemetry.Batch)) (*Export, error) {
	b := &Export{path: path, add: add}
	if json {
		var err error
		if body, err = b.fromJSON(body, &tracev1.TracesData{}); err != nil {
			return nil, err
		}
	}
	err := b.decode(body, spanShape, b.addSpan)
	return b, err
}

// DecodeLogs is DecodeTraces for log records.
func DecodeLogs(body []byte, json bool, add func(*telemetry.Batch)) (*Export, error) {
	b := &Export{fromLogs: true, add: add}
	if json {
		var err error
		if body, err = b.fromJSON(body, &logsv1.LogsData{}); err != nil {
			return nil, err
		}
	}
	err := b.decode(body, logShape, b.addLog)
	return b, err
}

// Export is an export being decoded: the records that are not handed over yet, and what happened to
// the others.
type Export struct {
	telemetry.Batch
	add      func(*telemetry.Batch)
	size     int    // of the records, and of what they share
	sound    bool   // no text needs repair, and no record is rejected for its values
	reason   string // why the first rejected record was
	fromLogs bool
	path     string // the inspector's
}

const (
	addRecords = 1024      // records handed over at once
	addBytes   = 512 << 10 // bytes handed over at once

	// MaxDecoded bounds the bytes of records that are not handed over yet, all together.
	MaxDecoded = 2 << 20
)

// decode goes over an export twice: first to check that all of it is well-formed, because nothing
// of a malformed one is kept, then to decode it, some records at a time. Decoded, the smallest
// spans are ten times as large, and an export may be a quarter of the memory for everything.
func (b *Export) decode(body []byte, s *shape, record func([]byte, *telemetry.Source) error) error {
	if err := b.verify(body, s); err != nil {
		return err
	}
	err := b.eachRecord(body, func(raw []byte, o *telemetry.Source) error {
		err := record(raw, o)
		if len(b.Spans)+len(b.Logs) >= addRecords || b.size >= addBytes {
			b.handOver()
		}
		return err
	})
	b.handOver()
	return err
}

func (b *Export) handOver() {
	b.add(&b.Batch)
	clear(b.Spans)
	clear(b.Logs)
	b.Spans, b.Logs, b.Own, b.size = b.Spans[:0], b.Logs[:0], nil, 0
}

func (b *Export) addSpan(raw []byte, o *telemetry.Source) error {
	whole, ok, err := b.wellFormed(spanShape, raw)
	if !ok {
		return err
	}
	var found spanScan
	s := &telemetry.Span{Source: o}
	found.scan(whole, s)
	switch {
	case !s.Trace.Valid() || !s.SpanRef.Span.Valid():
		b.reject("a span needs a trace id of 16 bytes and a span id of 8, neither all zero")
		return nil
	case b.isOwn(s, found.urlPath):
		if !s.Parent.Valid() {
			b.Own = append(b.Own, s.Trace)
		}
		return nil
	}
	s.RequestID = string(found.requestID)
	if len(found.task) > 0 {
		s.Task = unique.Make(telemetry.Clip(string(found.task), maxTaskKind)).Value()
	}
	s.Raw = whole
	b.Spans = append(b.Spans, s)
	b.size += s.Size()
	return nil
}

func (b *Export) addLog(raw []byte, o *telemetry.Source) error {
	whole, ok, err := b.wellFormed(logShape, raw)
	if !ok {
		return err
	}
	var found logScan
	l := &telemetry.LogRecord{Source: o}
	found.scan(whole, l)
	if l.Time == 0 {
		l.Time = found.observed
	}
	if !l.Trace.Valid() {
		l.Trace, _ = telemetry.ParseTraceID(string(found.traceID))
	}
	if !l.Span.Valid() {
		l.Span, _ = telemetry.ParseSpanID(string(found.spanID))
	}
	l.RequestID = string(found.requestID)
	if !l.Trace.Valid() && l.RequestID == "" {
		b.Ignored++
		return nil
	}
	l.Raw = whole
	b.Logs = append(b.Logs, l)
	b.size += l.Size()
	return nil
}

// wellFormed returns a record in the form in which it can be kept. A record that cannot be kept,
// but does not invalidate the rest, is rejected.
func (b *Export) wellFormed(s *shape, raw []byte) (whole []byte, ok bool, err error) {
	if b.sound {
		return raw, true, nil
	}
	whole, mended, err := s.wellFormed(raw)
	switch {
	case errors.Is(err, errMany):
		b.reject(err.Error())
		return nil, false, nil
	case mended:
		b.Mended++
	}
	return whole, err == nil, err
}

func (b *Export) reject(reason string) {
	if b.Rejected == 0 {
		b.reason = reason
	}
	b.Rejected++
}

// Message says what was rejected or repaired, and why.
func (b *Export) Message() string {
	if b.Mended == 0 {
		return b.reason
	}
	return strings.TrimPrefix(b.reason+"; text that was not UTF-8 was mended, with U+FFFD for what could not be read", "; ")
}

// RejectedKey returns the JSON field of an answer that has the number of rejected records.
func (b *Export) RejectedKey() string {
	if b.fromLogs {
		return "rejectedLogRecords"
	}
	return "rejectedSpans"
}
