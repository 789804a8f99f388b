// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"

	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"
)

// lateness is how long after its span's end a line is still of it: a completion line is written when the
// span's end is taken, by a goroutine that a busy machine may have stopped in between.
const lateness = int64(10 * time.Millisecond)

// logView is a log line in the JSON API.
type logView struct {
	TraceID    string     `json:"trace_id,omitempty"`
	SpanID     string     `json:"span_id,omitempty"`
	Time       time.Time  `json:"time"`
	OffsetMS   float64    `json:"offset_ms"`
	Severity   string     `json:"severity"`
	Level      int        `json:"level"` // OTLP's severity number: 9 is info, 17 is error
	Service    string     `json:"service"`
	Body       string     `json:"body"`
	Recorded   bool       `json:"recorded,omitempty"`        // kept by a flight recorder and written later
	AfterSpan  bool       `json:"after_span,omitempty"`      // its span had ended: a goroutine that goes on
	Thread     int64      `json:"thread,omitempty"`          // the goroutine's number, where it is known
	Elsewhere  bool       `json:"other_goroutine,omitempty"` // than its span began on
	Attributes attributes `json:"attributes,omitempty"`
}

func newLogView(l *logRecord, base int64, lv level) logView {
	v := logView{
		Time:     time.Unix(0, l.time).UTC(),
		OffsetMS: millis(l.time - base),
		Level:    int(l.severity),
		Service:  l.origin.service,
		Recorded: l.recorded,
		Thread:   l.thread,
	}
	if l.trace.valid() {
		v.TraceID = l.trace.String()
	}
	if l.span.valid() {
		v.SpanID = l.span.String()
	}
	var p logsv1.LogRecord
	if proto.Unmarshal(l.raw, &p) != nil {
		return v
	}
	v.Severity = cmp.Or(clip(p.GetSeverityText(), 16), severityName(l.severity))
	q := newQuota(lv.max)
	v.Body = bodyOf(&p, q)
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
