// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"slices"

	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
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

// failures lists what went wrong, the likely cause first: a failed span none of whose children failed,
// the earliest first; then the spans that failed on its account; then error lines outside of them.
func (f *forest) failures(logs []*logRecord, limit int) []failure {
	type ranked struct {
		node     *node
		upstream bool
	}
	var failed []ranked
	told := map[spanRef]bool{}
	for _, i := range f.order {
		n := &f.nodes[i]
		if n.failed {
			up := slices.ContainsFunc(n.children, func(c int) bool { return f.nodes[c].failed })
			failed = append(failed, ranked{n, up})
			told[n.spanRef] = true
		}
	}
	slices.SortStableFunc(failed, func(a, b ranked) int {
		if a.upstream != b.upstream {
			if a.upstream {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.node.end, b.node.end)
	})
	var out []failure
	warnings := firstWarnings(logs)
	for _, r := range failed[:min(len(failed), maxFailures)] {
		e := newFailure(r.node, limit)
		if e.Message == "" {
			e.Message = f.complaint(r.node, warnings, limit)
		}
		out = append(out, e)
	}
	for _, l := range logs {
		if len(out) < maxFailures && l.severity >= severityError && !told[l.spanRef] {
			v := newLogView(l, 0, level{max: limit})
			out = append(out, failure{TraceID: v.TraceID, SpanID: v.SpanID, Service: v.Service, Where: v.Severity, Message: v.Body})
		}
	}
	return out
}

// complaint returns what was logged about a failure that says nothing itself, such as a call that was
// answered with 402: the first warning of the span or, where it has none, of one below it, which may be
// the other side's.
func (f *forest) complaint(n *node, warnings map[spanRef]*logRecord, limit int) string {
	w := warnings[n.spanRef]
	for _, c := range n.children[:min(len(n.children), maxFailures)] {
		if w != nil {
			break
		}
		w = warnings[f.nodes[c].spanRef]
	}
	if w == nil {
		return ""
	}
	return newLogView(w, 0, level{max: limit}).Body
}

// firstWarnings returns the first line of each span that is a warning or worse.
func firstWarnings(logs []*logRecord) map[spanRef]*logRecord {
	first := map[spanRef]*logRecord{}
	for _, l := range logs {
		if l.severity >= severityWarn && first[l.spanRef] == nil {
			first[l.spanRef] = l
		}
	}
	return first
}

func newFailure(n *node, limit int) failure {
	out := failure{TraceID: n.trace.String(), SpanID: n.spanRef.span.String(), Service: n.origin.service, Where: n.name()}
	var p tracev1.Span
	if proto.Unmarshal(n.raw, &p) != nil {
		return out
	}
	q := newQuota(limit)
	out.Message = q.cut(p.GetStatus().GetMessage())
	out.Type = q.cut(stringOf(p.GetAttributes(), "error.type"))
	for _, e := range p.GetEvents() {
		if e.GetName() == "exception" {
			out.Type = cmp.Or(q.cut(stringOf(e.GetAttributes(), "exception.type")), out.Type)
			out.Message = cmp.Or(q.cut(stringOf(e.GetAttributes(), "exception.message")), out.Message)
			out.Stack = cmp.Or(q.cut(stringOf(e.GetAttributes(), "exception.stacktrace")), out.Stack)
		}
	}
	return out
}
