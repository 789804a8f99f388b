// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"slices"

	commonv1 "go.opentelemetry.io/proto/otlp/common/v1"
	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

const maxFailures = 20

// failure is a failed span, or an error line, in the words it was reported with.
type failure struct {
	TraceID string `json:"trace_id,omitempty"`
	SpanID  string `json:"span_id,omitempty"`
	Service string `json:"service"`
	Where   string `json:"where"`
	Type    string `json:"type,omitempty"`
	Message string `json:"message,omitempty"`
	Stack   string `json:"stack,omitempty"`
}

// failures lists what went wrong, the likely cause first: failed spans without failed children, the
// earliest first; then the spans that failed because of them; then error lines outside them.
func (f *forest) failures(logs []*telemetry.LogRecord, limit int) []failure {
	type ranked struct {
		node     *node
		upstream bool
	}
	var failed []ranked
	told := map[telemetry.SpanRef]bool{}
	for _, i := range f.order {
		n := &f.nodes[i]
		if n.Failed {
			up := slices.ContainsFunc(n.children, func(c int) bool { return f.nodes[c].Failed })
			failed = append(failed, ranked{n, up})
			told[n.SpanRef] = true
		}
	}
	slices.SortStableFunc(failed, func(a, b ranked) int {
		if a.upstream != b.upstream {
			if a.upstream {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.node.End, b.node.End)
	})
	var out []failure
	warnings, exceptions := firstWarnings(logs), exceptionsOf(logs, told)
	for _, r := range failed[:min(len(failed), maxFailures)] {
		e := newFailure(r.node, limit)
		if e.Stack == "" {
			e.learn(exceptions[r.node.SpanRef], newQuota(limit))
		}
		if e.Message == "" {
			e.Message = f.complaint(r.node, warnings, limit)
		}
		out = append(out, e)
	}
	for _, l := range logs {
		if len(out) < maxFailures && l.Severity >= telemetry.SeverityError && !told[l.SpanRef] {
			v := newLineDetail(l, 0, detailLevel{max: limit})
			e := failure{TraceID: v.TraceID, SpanID: v.SpanID, Service: v.Service, Where: v.Severity, Message: v.Body}
			e.learn(exceptionOf(l), newQuota(limit))
			out = append(out, e)
		}
	}
	return out
}

// complaint returns what was logged about a failure that has no description, such as a call that
// was answered with 402: the first warning of the span or else of a span below it, which may be the
// other side's.
func (f *forest) complaint(n *node, warnings map[telemetry.SpanRef]*telemetry.LogRecord, limit int) string {
	w := warnings[n.SpanRef]
	for _, c := range n.children[:min(len(n.children), maxFailures)] {
		if w != nil {
			break
		}
		w = warnings[f.nodes[c].SpanRef]
	}
	if w == nil {
		return ""
	}
	return newLineDetail(w, 0, detailLevel{max: limit}).Body
}

// firstWarnings returns the first line of each span that is a warning or worse.
func firstWarnings(logs []*telemetry.LogRecord) map[telemetry.SpanRef]*telemetry.LogRecord {
	first := map[telemetry.SpanRef]*telemetry.LogRecord{}
	for _, l := range logs {
		if l.Severity >= telemetry.SeverityWarn && first[l.SpanRef] == nil {
			first[l.SpanRef] = l
		}
	}
	return first
}

func newFailure(n *node, limit int) failure {
	out := failure{TraceID: n.Trace.String(), SpanID: n.SpanRef.Span.String(), Service: n.Source.Service, Where: n.Name()}
	var p tracev1.Span
	if proto.Unmarshal(n.Raw, &p) != nil {
		return out
	}
	q := newQuota(limit)
	out.Message = q.cut(p.GetStatus().GetMessage())
	out.Type = q.cut(stringOf(p.GetAttributes(), "error.type"))
	for _, e := range p.GetEvents() {
		if e.GetName() == "exception" {
			out.learn(e.GetAttributes(), q)
		}
	}
	return out
}

// learn sets what the attributes of an exception say, over what is known.
func (e *failure) learn(attrs []*commonv1.KeyValue, q *quota) {
	e.Type = cmp.Or(q.cut(stringOf(attrs, "exception.type")), e.Type)
	e.Message = cmp.Or(q.cut(stringOf(attrs, "exception.message")), e.Message)
	e.Stack = cmp.Or(q.cut(stringOf(attrs, "exception.stacktrace")), e.Stack)
}

// exceptionsOf returns the attributes of the first record of an exception of each span, from
// programs that emit them instead of span events. Spans that have not failed are left out.
func exceptionsOf(logs []*telemetry.LogRecord, failed map[telemetry.SpanRef]bool) map[telemetry.SpanRef][]*commonv1.KeyValue {
	first := map[telemetry.SpanRef][]*commonv1.KeyValue{}
	for _, l := range logs {
		if !failed[l.SpanRef] || first[l.SpanRef] != nil {
			continue
		}
		if attrs := exceptionOf(l); attrs != nil {
			first[l.SpanRef] = attrs
		}
	}
	return first
}

// exceptionOf returns the attributes of a record that has those of an exception, else nil.
func exceptionOf(l *telemetry.LogRecord) []*commonv1.KeyValue {
	var p logsv1.LogRecord
	if proto.Unmarshal(l.Raw, &p) != nil || stringOf(p.GetAttributes(), "exception.type") == "" {
		return nil
	}
	return p.GetAttributes()
}
