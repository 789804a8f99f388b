// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"math"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

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
	var s telemetry.Span
	f.scan(b, &s)
	return ScannedSpan{s.Trace[:], s.SpanRef.Span[:], s.Parent[:], s.Start, s.End, s.Kind, s.Failed,
		string(b[s.NameAt:s.NameEnd]), string(f.requestID), string(f.task), string(f.urlPath), len(s.Links), s.Thread}
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
	var l telemetry.LogRecord
	f.scan(b, &l)
	return ScannedLog{l.Trace[:], l.Span[:], l.Time, f.observed, l.Severity, string(f.requestID), string(f.traceID), string(f.spanID), l.Thread, l.Recorded}
}
