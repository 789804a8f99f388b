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
func (f *forest) failures(logs []logView, limit int) []failure {
	type ranked struct {
		node     *node
		upstream bool
	}
	var failed []ranked
	told := map[string]bool{}
	for _, i := range f.order {
		n := &f.nodes[i]
		if n.failed {
			up := slices.ContainsFunc(n.children, func(c int) bool { return f.nodes[c].failed })
			failed = append(failed, ranked{n, up})
			told[n.key()] = true
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
		e.Message = cmp.Or(e.Message, f.complaint(r.node, warnings))
		out = append(out, e)
	}
	for _, l := range logs {
		if len(out) < maxFailures && l.Level >= int(severityError) && !told[l.TraceID+l.SpanID] {
			out = append(out, failure{TraceID: l.TraceID, SpanID: l.SpanID, Service: l.Service, Where: l.Severity, Message: l.Body})
		}
	}
	return out
}

// complaint returns what was logged about a failure that says nothing itself, such as a call that was
// answered with 402: the first warning of the span or, where it has none, of one below it, which may be
// the other side's.
func (f *forest) complaint(n *node, warnings map[string]string) string {
	if w := warnings[n.key()]; w != "" {
		return w
	}
	for _, c := range n.children[:min(len(n.children), maxFailures)] {
		if w := warnings[f.nodes[c].key()]; w != "" {
			return w
		}
	}
	return ""
}

func (n *node) key() string { return n.trace.String() + n.spanRef.span.String() }

// firstWarnings returns the first line of each span that is a warning or worse.
func firstWarnings(logs []logView) map[string]string {
	first := map[string]string{}
	for _, l := range logs {
		if key := l.TraceID + l.SpanID; l.Level >= int(severityWarn) && first[key] == "" {
			first[key] = l.Body
		}
	}
	return first
}

func newFailure(n *node, limit int) failure {
	out := failure{TraceID: n.trace.String(), SpanID: n.spanRef.span.String(), Service: n.origin.Value().service, Where: n.name.Value()}
	var p tracev1.Span
	if proto.Unmarshal(n.raw, &p) != nil {
		return out
	}
	out.Message = cut(p.GetStatus().GetMessage(), limit)
	out.Type = cut(stringOf(p.GetAttributes(), "error.type"), limit)
	for _, e := range p.GetEvents() {
		if e.GetName() == "exception" {
			out.Type = cmp.Or(cut(stringOf(e.GetAttributes(), "exception.type"), limit), out.Type)
			out.Message = cmp.Or(cut(stringOf(e.GetAttributes(), "exception.message"), limit), out.Message)
			out.Stack = cmp.Or(cut(stringOf(e.GetAttributes(), "exception.stacktrace"), limit), out.Stack)
		}
	}
	return out
}
