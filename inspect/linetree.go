// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"slices"

	logsv1 "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"github.com/asynclocal/asynclocal/inspect/internal/telemetry"
)

// lineTree is the work of a request without spans, such as one that was not sampled, as far as its
// lines show it. A completion line represents a request, or a job, and names its span and its
// goroutine; lines of other goroutines represent those. Lines do not show which work started which,
// so all of it is placed under the request.
type lineTree struct {
	taskTree
	root  int
	units map[unit]int   // by the span that the completion line names
	first map[uint64]int // of each process
	owner []int          // of each line
}

// unit is a span of a process, of which only the id is known.
type unit struct {
	process uint64
	span    telemetry.SpanRef
}

// lineTree returns the tree of a view's lines, or nil if there are spans.
func (f *forest) lineTree(logs []*telemetry.LogRecord) *lineTree {
	if len(f.order) > 0 || len(logs) == 0 {
		return nil
	}
	if f.lines == nil {
		f.lines = newLineTree(logs)
	}
	return f.lines
}

func newLineTree(logs []*telemetry.LogRecord) *lineTree {
	t := &lineTree{root: noTask, units: map[unit]int{}, first: map[uint64]int{}}
	t.goroutines = map[goroutine]int{}
	for _, l := range logs {
		if k, ok := completedBy(l); ok {
			t.addUnit(l, k)
		}
	}
	t.findRoot()
	for _, l := range logs {
		t.owner = append(t.owner, t.addLine(l))
	}
	t.base, t.answered = logs[0].Time, logs[len(logs)-1].Time
	if t.root != noTask && t.tasks[t.root].whole {
		t.base, t.answered = t.tasks[t.root].from, t.tasks[t.root].to
	}
	return t
}

// completedBy returns the request or the job that a completion line belongs to.
func completedBy(l *telemetry.LogRecord) (k task, ok bool) {
	var p logsv1.LogRecord
	if proto.Unmarshal(l.Raw, &p) != nil {
		return k, false
	}
	fields := attributesOf(p.GetAttributes(), newQuota(maxSummaryText))
	var r summary
	if r.completeBy(l, fields) {
		k = task{Kind: taskCall, Name: r.Name, Failed: r.Failed}
	} else if k.Name, ok = fields["job"].(string); ok {
		k.Kind, k.Failed = taskJob, l.Severity >= telemetry.SeverityError
	}
	ms, timed := fields["duration_ms"].(float64)
	k.from, k.to, k.whole = l.Time-int64(max(0, ms)*1e6), l.Time, true
	return k, k.Kind != "" && timed
}

func (t *lineTree) addUnit(l *telemetry.LogRecord, k task) int {
	k.Service, k.Thread, k.parent = l.Source.Service, l.Thread, noTask
	k.TraceID, k.SpanID = l.Trace.String(), l.Span.String()
	t.tasks = append(t.tasks, k)
	i := len(t.tasks) - 1
	t.units[unit{l.Source.Process, l.SpanRef}] = i
	if _, known := t.first[l.Source.Process]; !known {
		t.first[l.Source.Process] = i
	}
	return i
}

// findRoot makes the first of the requests the one that the others are part of.
func (t *lineTree) findRoot() {
	for i := range t.tasks {
		if t.tasks[i].Kind == taskCall && (t.root == noTask || t.tasks[i].from < t.tasks[t.root].from) {
			t.root = i
		}
	}
	if t.root == noTask {
		return
	}
	t.tasks[t.root].Kind = taskRequest
	for i := range t.tasks {
		if i != t.root {
			t.tasks[i].parent = t.root
		}
	}
}

// addLine finds the task of a line: that of its span, else the one of its process, or a goroutine
// of it.
func (t *lineTree) addLine(l *telemetry.LogRecord) int {
	i, known := t.units[unit{l.Source.Process, l.SpanRef}]
	if !known {
		i, known = t.first[l.Source.Process]
	}
	if !known {
		i = t.addIncomplete(l)
	}
	if k := &t.tasks[i]; l.Thread != 0 && k.Thread != 0 && l.Thread != k.Thread {
		i = t.goroutine(goroutine{task: i, id: l.Thread}, func() task { return t.newLinesTask(l) })
	}
	if t.tasks[i].whole {
		t.tasks[i].Logs++
	} else {
		t.tasks[i].addLine(l)
	}
	return i
}

// addIncomplete adds lines of a process whose completion line has not arrived, or does not exist.
func (t *lineTree) addIncomplete(l *telemetry.LogRecord) int {
	k := t.newLinesTask(l)
	k.Kind = taskCall
	if said := newLineDetail(l, 0, detailLevel{max: maxSummaryText}).Body; said != "" {
		k.Name = said // the goroutine's name comes from the server's code, and is the same for all
	}
	if t.root == noTask {
		k.Kind = taskRequest
	}
	i := t.addUnit(l, k)
	if t.root == noTask {
		t.root = i
	} else {
		t.tasks[i].parent = t.root
	}
	return i
}

// isElsewhere reports whether a line belongs to a goroutine that is a separate task.
func (t *lineTree) isElsewhere(line int) bool { return t.tasks[t.owner[line]].Kind == taskGoroutine }

// inOrder returns the tasks in tree order, without changing the tree.
func (t *lineTree) inOrder() []task {
	all := t.taskTree
	all.tasks = slices.Clone(t.tasks)
	return all.inOrder()
}
