// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"slices"
	"strings"
	"time"

	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// describeLines makes a row from log lines alone: for an unsampled trace, or before spans arrive.
func (r *summary) describeLines(logs []*telemetry.LogRecord) {
	if len(logs) == 0 {
		return
	}
	logs = slices.Clone(logs)
	slices.SortStableFunc(logs, func(a, b *telemetry.LogRecord) int { return cmp.Compare(a.Time, b.Time) })
	first, last := logs[0], logs[len(logs)-1]
	for _, l := range logs {
		r.addService(l.Source.Service)
	}
	if first.Trace.Valid() {
		r.TraceID = first.Trace.String()
	}
	r.Failed = r.Errors > 0
	r.Start = time.Unix(0, first.Time).UTC()
	r.TotalMS = millis(last.Time - first.Time)
	r.DurationMS = r.TotalMS
	var p logsv1.LogRecord
	if proto.Unmarshal(first.Raw, &p) == nil {
		r.Name = bodyOf(&p, newQuota(maxSummaryText))
	}
	r.Pending = !slices.ContainsFunc(logs, r.complete)
}

// complete reads what a completion line says about the whole request, in the fields that this
// module's middleware writes, as do many others. It ignores other lines.
func (r *summary) complete(l *telemetry.LogRecord) bool {
	var p logsv1.LogRecord
	if proto.Unmarshal(l.Raw, &p) != nil {
		return false
	}
	return r.completeBy(l, attributesOf(p.GetAttributes(), newQuota(maxSummaryText)))
}

func (r *summary) completeBy(l *telemetry.LogRecord, fields attributes) bool {
	method, _ := fields["method"].(string)
	status, _ := fields["status"].(int64)
	if method == "" || status < 100 || status > 599 {
		return false
	}
	r.Method, r.Status = method, int(status)
	r.Route, _ = fields["route"].(string)
	r.Path, _ = fields["path"].(string)
	r.Name = strings.TrimSpace(method + " " + cmp.Or(r.Route, r.Path))
	if ms, ok := fields["duration_ms"].(float64); ok && ms >= 0 {
		r.DurationMS = ms
		r.Start = time.Unix(0, l.Time-int64(ms*1e6)).UTC()
		r.TotalMS = max(r.TotalMS, ms)
	}
	r.Failed = r.Failed || r.Status >= 500
	return true
}
