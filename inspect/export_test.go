// SPDX-License-Identifier: Apache-2.0

package inspect

import "math"

// What the fuzz tests compare with the protobuf library.
func CheckSpan(b []byte) error { return spanShape.checkAll(b) }
func CheckLog(b []byte) error  { return logShape.checkAll(b) }

func (s *shape) checkAll(b []byte) error {
	left := math.MaxInt
	return s.check(b, 1, &left)
}

// MendSpan and MendLog return what becomes of a record whose text is not UTF-8.
func MendSpan(b []byte) []byte { return spanShape.mend(b) }
func MendLog(b []byte) []byte  { return logShape.mend(b) }

type ScannedSpan struct {
	Trace, Span, Parent            []byte
	Start, End                     int64
	Kind                           uint8
	Failed                         bool
	Name, RequestID, Task, URLPath string
	Links                          int
	Thread                         int64
}

func ScanSpan(b []byte) ScannedSpan {
	var f spanScan
	var s span
	f.scan(b, &s)
	return ScannedSpan{s.trace[:], s.spanRef.span[:], s.parent[:], s.start, s.end, s.kind, s.failed,
		string(b[s.nameAt:s.nameEnd]), string(f.requestID), string(f.task), string(f.urlPath), len(s.links), s.thread}
}

type ScannedLog struct {
	Trace, Span                []byte
	Time, Observed             int64
	Severity                   uint8
	RequestID, TraceID, SpanID string
	Thread                     int64
	Recorded                   bool
}

func ScanLog(b []byte) ScannedLog {
	var f logScan
	var l logRecord
	f.scan(b, &l)
	return ScannedLog{l.trace[:], l.span[:], l.time, f.observed, l.severity, string(f.requestID), string(f.traceID), string(f.spanID), l.thread, l.recorded}
}
