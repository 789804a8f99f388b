// SPDX-License-Identifier: Apache-2.0

package inspect

// The attributes that tell units of work apart. The first is that of a span which stands for bound
// work; its value is the kind of the store.Task, such as "go" or "timer". The others are of OpenTelemetry's
// conventions, on spans and lines: on which thread, or goroutine, it began.
const (
	taskKindKey   = "asynclocal.task.kind"
	threadIDKey   = "thread.id"
	threadNameKey = "thread.name"
)

// The kinds of task that are told from spans and lines alone.
const (
	taskRequest   = "request"   // what the request is known by
	taskCall      = "call"      // a request in another process, or to this one
	taskJob       = "job"       // a message or job being processed
	taskGoroutine = "goroutine" // begun, or logged, on another goroutine; or it outlived the span it was started in
)

// task is a unit of work that a request set in motion, in the order and nesting of the tree.
type task struct {
	Kind       string  `json:"kind"`
	Name       string  `json:"name"`
	Service    string  `json:"service"`
	TraceID    string  `json:"trace_id"`
	SpanID     string  `json:"span_id"`          // the first of its spans; where it has none, the one that its lines name
	Thread     int64   `json:"thread,omitempty"` // its goroutine's number, where that tells its lines
	Depth      int     `json:"depth"`
	OffsetMS   float64 `json:"offset_ms"`
	DurationMS float64 `json:"duration_ms"`
	Failed     bool    `json:"failed,omitempty"`
	After      bool    `json:"after_response,omitempty"`
	Spans      int     `json:"spans"` // in it, without those of tasks below it
	Logs       int     `json:"logs"`

	parent   int
	from, to int64
	whole    bool // what is known of it is not from its lines alone
}

func (k *task) addSpan(n *node) {
	k.Spans++
	k.Failed = k.Failed || n.failed
	if k.Kind == taskGoroutine { // of others the first span has it
		k.from, k.to = min(k.from, n.start), max(k.to, n.end)
	}
}

// addLine adds one of a goroutine.
func (k *task) addLine(l *logRecord) {
	k.Logs++
	k.Failed = k.Failed || l.severity >= severityError
	k.from, k.to = min(k.from, l.time), max(k.to, l.time)
}

func (f *forest) taskKind(n, head *node) string {
	switch {
	case n.kind == kindConsumer:
		return taskJob
	case n.task != "":
		return n.task
	case n == head:
		return taskRequest
	case n.kind == kindServer:
		return taskCall
	case n.via == viaParent && f.isElsewhere(n):
		return taskGoroutine
	}
	return ""
}

// isElsewhere tells whether a span is of another goroutine than the one above it, in the same process.
// Where that is not said, one that ended later is: it was not waited for. Between processes neither
// numbers nor clocks compare.
func (f *forest) isElsewhere(n *node) bool {
	above := &f.nodes[n.parent]
	if n.origin.process != above.origin.process {
		return false
	}
	if n.thread != 0 && above.thread != 0 {
		return n.thread != above.thread
	}
	return n.end > above.end
}

// isElsewhere tells the same of a line and its span.
func (l *logRecord) isElsewhere(n *node) bool {
	if l.origin.process != n.origin.process {
		return false
	}
	if l.thread != 0 && n.thread != 0 {
		return l.thread != n.thread
	}
	return l.isLate(n)
}

// isLate tells whether a line is from after its span's end, and not by the code that ended it.
func (l *logRecord) isLate(n *node) bool {
	return l.time > n.end+lateness && (l.thread == 0 || l.thread != n.thread)
}
