// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// The kinds of task that are recognized from spans and lines alone.
const (
	taskRequest   = "request"   // what the request is known by
	taskCall      = "call"      // a request in another process, or to this one
	taskJob       = "job"       // a message or job being processed
	taskGoroutine = "goroutine" // begun, or logged, on another goroutine; or it outlived the span it was started in
)

// task is a unit of work that a request started, in the order and nesting of the tree.
type task struct {
	Kind       string  `json:"kind"`
	Name       string  `json:"name"`
	Service    string  `json:"service"`
	TraceID    string  `json:"trace_id"`
	SpanID     string  `json:"span_id"`          // the first of its spans; without spans, the one that its lines name
	Thread     int64   `json:"thread,omitempty"` // its goroutine's number, if that identifies its lines
	Depth      int     `json:"depth"`
	OffsetMS   float64 `json:"offset_ms"`
	DurationMS float64 `json:"duration_ms"`
	Failed     bool    `json:"failed,omitempty"`
	After      bool    `json:"after_response,omitempty"`
	Spans      int     `json:"spans"` // in it, without those of tasks below it
	Logs       int     `json:"logs"`

	parent   int
	from, to int64
	whole    bool // it is not known from its lines alone
}

func (k *task) addSpan(n *node) {
	k.Spans++
	k.Failed = k.Failed || n.Failed
	if k.Kind == taskGoroutine { // for other kinds, the first span has it
		k.from, k.to = min(k.from, n.Start), max(k.to, n.End)
	}
}

// addLine adds a line of a goroutine.
func (k *task) addLine(l *telemetry.LogRecord) {
	k.Logs++
	k.Failed = k.Failed || l.Severity >= telemetry.SeverityError
	k.from, k.to = min(k.from, l.Time), max(k.to, l.Time)
}

func (f *forest) taskKind(n, head *node) string {
	switch {
	case n.Kind == telemetry.KindConsumer:
		return taskJob
	case n.Task != "":
		return n.Task
	case n == head:
		return taskRequest
	case n.Kind == telemetry.KindServer:
		return taskCall
	case n.via == viaParent && f.isElsewhere(n):
		return taskGoroutine
	}
	return ""
}

// isElsewhere reports whether a span is on another goroutine than the span above it, in the same
// process. If their numbers are not known, a span that ended later than the one above counts as
// elsewhere, because nothing waited for it. Neither numbers nor clocks compare between processes.
func (f *forest) isElsewhere(n *node) bool {
	above := &f.nodes[n.parent]
	if n.Source.Process != above.Source.Process {
		return false
	}
	if n.Thread != 0 && above.Thread != 0 {
		return n.Thread != above.Thread
	}
	return n.End > above.End
}

// isElsewhere reports the same for a line and its span.
func isElsewhere(l *telemetry.LogRecord, n *node) bool {
	if l.Source.Process != n.Source.Process {
		return false
	}
	if l.Thread != 0 && n.Thread != 0 {
		return l.Thread != n.Thread
	}
	return isLate(l, n)
}

// isLate reports whether a line is from after its span's end, and not from the code that ended it.
func isLate(l *telemetry.LogRecord, n *node) bool {
	return l.Time > n.End+lateness && (l.Thread == 0 || l.Thread != n.Thread)
}
