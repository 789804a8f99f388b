// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"bytes"
	"errors"
	"unique"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
)

const (
	maxLinks       = 64  // links kept per span for following; all of them stay visible in the span itself
	maxIndexedID   = 256 // a longer request id is shown, but not indexed
	maxIndexedName = 256
	maxTaskKind    = 32
)

// decodeTraces decodes an ExportTraceServiceRequest, which is a TracesData by another name: same field
// numbers, same wire form. The request messages themselves live in packages that would bring gRPC
// into every program that imports this one.
func (in *Inspector) decodeTraces(body []byte, json bool) (*batch, error) {
	b := &batch{path: in.cfg.path}
	if json {
		var err error
		if body, err = b.fromJSON(body, &tracev1.TracesData{}); err != nil {
			return nil, err
		}
	}
	return b, b.eachRecord(body, b.addSpan)
}

// decodeLogs is decodeTraces for log records.
func (in *Inspector) decodeLogs(body []byte, json bool) (*batch, error) {
	b := &batch{fromLogs: true}
	if json {
		var err error
		if body, err = b.fromJSON(body, &logsv1.LogsData{}); err != nil {
			return nil, err
		}
	}
	return b, b.eachRecord(body, b.addLog)
}

func (b *batch) addSpan(raw []byte, o *origin) error {
	whole, ok, err := b.wellFormed(spanShape, raw)
	if !ok {
		return err
	}
	var found spanScan
	s := &span{origin: o}
	found.scan(whole, s)
	switch {
	case !s.trace.valid() || !s.spanRef.span.valid():
		b.reject("a span needs a trace id of 16 bytes and a span id of 8, neither all zero")
		return nil
	case b.isOwn(s, found.urlPath):
		if !s.parent.valid() {
			b.own = append(b.own, s.trace)
		}
		return nil
	}
	s.name = unique.Make(clip(string(found.name), maxIndexedName))
	s.requestID = string(found.requestID)
	if len(found.task) > 0 {
		s.task = unique.Make(clip(string(found.task), maxTaskKind)).Value()
	}
	s.raw = bytes.Clone(whole)
	b.spans = append(b.spans, s)
	return nil
}

func (b *batch) addLog(raw []byte, o *origin) error {
	whole, ok, err := b.wellFormed(logShape, raw)
	if !ok {
		return err
	}
	var found logScan
	l := &logRecord{origin: o}
	found.scan(whole, l)
	if l.time == 0 {
		l.time = found.observed
	}
	if !l.trace.valid() {
		l.trace, _ = parseTraceID(string(found.traceID))
	}
	if !l.span.valid() {
		l.span, _ = parseSpanID(string(found.spanID))
	}
	l.requestID = string(found.requestID)
	if !l.trace.valid() && l.requestID == "" {
		b.ignored++
		return nil
	}
	l.raw = bytes.Clone(whole)
	b.logs = append(b.logs, l)
	return nil
}

// wellFormed returns a record as it can be kept. One that cannot, but does not make the rest doubtful, is
// rejected.
func (b *batch) wellFormed(s *shape, raw []byte) (whole []byte, ok bool, err error) {
	whole, mended, err := s.wellFormed(raw)
	switch {
	case errors.Is(err, errMany):
		b.reject(err.Error())
		return nil, false, nil
	case mended:
		b.mended++
	}
	return whole, err == nil, err
}

func (b *batch) reject(reason string) {
	if b.rejected == 0 {
		b.reason = reason
	}
	b.rejected++
}

// setID copies an id of the right length; anything else, or zeros, leaves dst zero.
func setID(dst, src []byte) bool {
	clear(dst)
	if len(src) != len(dst) || bytes.Equal(dst, src) {
		return false
	}
	copy(dst, src)
	return true
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
