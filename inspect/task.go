// SPDX-License-Identifier: Apache-2.0

package inspect

// taskKindKey is the attribute of a span that stands for bound work; its value is the kind of the
// store.Task, such as "go" or "timer".
const taskKindKey = "asynclocal.task.kind"

// The kinds of task that are told from spans alone.
const (
	taskRequest   = "request"   // what the request is known by
	taskCall      = "call"      // a request in another process, or to this one
	taskJob       = "job"       // a message or job being processed
	taskGoroutine = "goroutine" // it outlived the span it was started in
)

// task is a unit of work that a request set in motion, in the order and nesting of the tree.
type task struct {
	Kind       string  `json:"kind"`
	Name       string  `json:"name"`
	Service    string  `json:"service"`
	TraceID    string  `json:"trace_id"`
	SpanID     string  `json:"span_id"`
	Depth      int     `json:"depth"`
	OffsetMS   float64 `json:"offset_ms"`
	DurationMS float64 `json:"duration_ms"`
	Failed     bool    `json:"failed,omitempty"`
	After      bool    `json:"after_response,omitempty"`
	Spans      int     `json:"spans"` // in it, without those of tasks below it
	Logs       int     `json:"logs"`
}

// tasks condenses the spans of a view, which are in tree order, to the units of work they are part
// of. Within one, work is sequential; between them it is concurrent, deferred or elsewhere.
func (f *forest) tasks(spans []spanView) []task {
	var tasks []task
	head := f.head()
	owner := make([]int, len(f.nodes)) // of each node, the task it is part of; -1 for none
	for i := range owner {
		owner[i] = -1
	}
	for pos, i := range f.order {
		n, v := &f.nodes[i], &spans[pos]
		above := -1
		if n.parent >= 0 {
			above = owner[n.parent]
		}
		kind := f.taskKind(n, head)
		if kind == "" && above >= 0 {
			owner[i] = above
		} else if kind != "" {
			owner[i] = len(tasks)
			t := task{Kind: kind, Name: v.Name, Service: v.Service, TraceID: v.TraceID, SpanID: v.SpanID,
				OffsetMS: v.OffsetMS, DurationMS: v.DurationMS, After: v.After}
			if above >= 0 {
				t.Depth = tasks[above].Depth + 1
			}
			tasks = append(tasks, t)
		}
		if o := owner[i]; o >= 0 {
			tasks[o].Spans++
			tasks[o].Logs += v.Logs
			tasks[o].Failed = tasks[o].Failed || v.Failed
		}
	}
	return tasks
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
	case n.via == viaParent && f.outlives(n):
		return taskGoroutine
	}
	return ""
}

// outlives tells whether a span ended after the one above it, in the same process: nobody waited for
// it. Between processes the clocks may differ by more than that.
func (f *forest) outlives(n *node) bool {
	above := &f.nodes[n.parent]
	return n.end > above.end && n.origin.Value().resource == above.origin.Value().resource
}
