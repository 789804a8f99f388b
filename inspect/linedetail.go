// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"

	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// lateness is how long after its span's end a line still belongs to it. A completion line is
// written after the time of the span's end was taken, and a busy machine may have paused the
// goroutine in between.
const lateness = int64(10 * time.Millisecond)

// lineDetail is a log line in the JSON API.
type lineDetail struct {
	TraceID    string     `json:"trace_id,omitempty"`
	SpanID     string     `json:"span_id,omitempty"`
	Time       time.Time  `json:"time"`
	OffsetMS   float64    `json:"offset_ms"`
	Severity   string     `json:"severity"`
	Level      int        `json:"level"` // OTLP's severity number: 9 is info, 17 is error
	Service    string     `json:"service"`
	Body       string     `json:"body"`
	Recorded   bool       `json:"recorded,omitempty"`        // kept by a flight recorder and written later
	AfterSpan  bool       `json:"after_span,omitempty"`      // its span had ended: a goroutine that continues
	Thread     int64      `json:"thread,omitempty"`          // the goroutine's number, if it is known
	Elsewhere  bool       `json:"other_goroutine,omitempty"` // other than the one its span began on
	Attributes attributes `json:"attributes,omitempty"`
}

func newLineDetail(l *telemetry.LogRecord, base int64, lv detailLevel) lineDetail {
	v := lineDetail{
		Time:     time.Unix(0, l.Time).UTC(),
		OffsetMS: millis(l.Time - base),
		Level:    int(l.Severity),
		Service:  l.Source.Service,
		Recorded: l.Recorded,
		Thread:   l.Thread,
	}
	if l.Trace.Valid() {
		v.TraceID = l.Trace.String()
	}
	if l.Span.Valid() {
		v.SpanID = l.Span.String()
	}
	var p logsv1.LogRecord
	if proto.Unmarshal(l.Raw, &p) != nil {
		return v
	}
	v.Severity = cmp.Or(telemetry.Clip(p.GetSeverityText(), 16), severityName(l.Severity))
	q := newQuota(lv.max)
	v.Body = cmp.Or(bodyOf(&p, q), q.cut(stringOf(p.GetAttributes(), "exception.message")), q.cut(p.GetEventName()))
	v.Attributes = attributesOf(p.GetAttributes(), q)
	return v
}

// severityName names the six ranges of the log data model.
func severityName(n uint8) string {
	if n == 0 {
		return ""
	}
	return [...]string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}[(n-1)/4]
}

func bodyOf(p *logsv1.LogRecord, q *quota) string {
	switch v := valueOf(p.GetBody(), q, 0).(type) {
	case nil:
		return q.cut(p.GetEventName())
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return q.cut(string(b))
	}
}
