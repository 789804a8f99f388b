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
func (in *Inspector) decodeTraces(body []byte, json bool, add func(*batch)) (*batch, error) {
	b := &batch{path: in.cfg.path, add: add}
	if json {
		var err error
		if body, err = b.fromJSON(body, &tracev1.TracesData{}); err != nil {
			return nil, err
		}
	}
	err := b.decode(body, spanShape, b.addSpan)
	return b, err
}

// decodeLogs is decodeTraces for log records.
func (in *Inspector) decodeLogs(body []byte, json bool, add func(*batch)) (*batch, error) {
	b := &batch{fromLogs: true, add: add}
	if json {
		var err error
		if body, err = b.fromJSON(body, &logsv1.LogsData{}); err != nil {
			return nil, err
		}
	}
	err := b.decode(body, logShape, b.addLog)
	return b, err
}

const (
	addRecords = 1024      // handed over at once
	addBytes   = 512 << 10 // the same
	maxDecoded = 2 << 20   // of what is not handed over yet, all told
)

// decode goes over an export twice: to see that all of it is well-formed, for of a broken one nothing is
// kept, and to decode it, some records at a time. Decoded, the tiniest spans are ten times as large, and
// an export is up to a quarter of what there is for all.
func (b *batch) decode(body []byte, s *shape, record func([]byte, *origin) error) error {
	if err := b.verify(body, s); err != nil {
		return err
	}
	err := b.eachRecord(body, func(raw []byte, o *origin) error {
		err := record(raw, o)
		if len(b.spans)+len(b.logs) >= addRecords || b.size >= addBytes {
			b.handOver()
		}
		return err
	})
	b.handOver()
	return err
}

func (b *batch) handOver() {
	b.add(b)
	clear(b.spans)
	clear(b.logs)
	b.spans, b.logs, b.own, b.size = b.spans[:0], b.logs[:0], nil, 0
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
	s.requestID = string(found.requestID)
	if len(found.task) > 0 {
		s.task = unique.Make(clip(string(found.task), maxTaskKind)).Value()
	}
	s.raw = whole
	b.spans = append(b.spans, s)
	b.size += s.size()
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
	l.raw = whole
	b.logs = append(b.logs, l)
	b.size += l.size()
	return nil
}

// wellFormed returns a record as it can be kept. One that cannot, but does not make the rest doubtful, is
// rejected.
func (b *batch) wellFormed(s *shape, raw []byte) (whole []byte, ok bool, err error) {
	if b.sound {
		return raw, true, nil
	}
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
func clip[T string | []byte](s T, n int) T {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
