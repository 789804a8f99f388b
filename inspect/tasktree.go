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

// taskTree condenses the spans and lines of a view into the units of work they are part of. Within
// one, work is sequential; between them it is concurrent, deferred or elsewhere.
type taskTree struct {
	*forest
	head           *node
	base, answered int64
	tasks          []task
	owner          []int            // of each node: the task it is part of, or one of the constants below
	bound          map[thread][]int // nodes that represent bound work, by start
	goroutines     map[goroutine]int
}

const (
	noTask  = -1
	unknown = -2
	asking  = -3
)

// thread is a goroutine of a process.
type thread struct {
	process uint64 // its resource
	id      int64
}

// goroutine is a goroutine of a task. A bare goroutine has no span: its work is placed under the
// span it has inherited, and put together again by the goroutine's number. Without a number, all
// lines from after a span are taken for one goroutine's.
type goroutine struct {
	task int
	id   int64
	span int // for lines without a number, the node that they name
}

// tasks returns the tree, in order.
func (f *forest) tasks(logs []*telemetry.LogRecord) []task {
	if t := f.lineTree(logs); t != nil {
		return t.inOrder()
	}
	t := &taskTree{forest: f, head: f.head(), owner: make([]int, len(f.nodes)), bound: map[thread][]int{}, goroutines: map[goroutine]int{}}
	t.base, t.answered = f.window(logs)
	for i := range t.owner {
		t.owner[i] = noTask // also for nodes that keep has left out
	}
	for _, i := range f.order {
		t.owner[i] = unknown
		if n := &f.nodes[i]; n.Task != "" && n.Thread != 0 {
			on := thread{n.Source.Process, n.Thread}
			t.bound[on] = append(t.bound[on], i)
		}
	}
	for _, done := range t.bound {
		slices.SortFunc(done, func(a, b int) int { return cmp.Compare(f.nodes[a].Start, f.nodes[b].Start) })
	}
	for _, i := range f.order {
		if o := t.ownerOf(i); o >= 0 {
			t.tasks[o].addSpan(&f.nodes[i])
		}
	}
	for _, l := range logs {
		if i, ok := f.byRef[l.SpanRef]; ok && t.owner[i] >= 0 {
			t.addLine(l, i)
		}
	}
	return t.inOrder()
}

// ownerOf returns the index of the task that a node is part of.
func (t *taskTree) ownerOf(i int) int {
	if t.owner[i] != unknown {
		return t.owner[i]
	}
	t.owner[i] = asking
	n, above := &t.nodes[i], noTask
	if n.parent >= 0 {
		above = max(t.ownerOf(n.parent), noTask)
	}
	o, kind := above, t.taskKind(n, t.head)
	switch {
	case kind == taskGoroutine && n.Thread != 0:
		if o = t.boundAt(thread{n.Source.Process, n.Thread}, n.Start); o == noTask {
			o = t.goroutine(goroutine{task: above, id: n.Thread}, func() task { return t.newTask(n, kind) })
		}
	case kind != "":
		o = t.add(t.newTask(n, kind), above)
	}
	t.owner[i] = o
	return o
}

// boundAt returns the bound work that a goroutine was doing at a moment: what it did then was part
// of that work, even if a ctx placed it elsewhere.
func (t *taskTree) boundAt(on thread, at int64) int {
	done := t.bound[on]
	last, _ := slices.BinarySearchFunc(done, at+1, func(i int, at int64) int { return cmp.Compare(t.nodes[i].Start, at) })
	for _, i := range slices.Backward(done[max(last-maxNested, 0):last]) {
		if t.nodes[i].End >= at {
			return max(t.ownerOf(i), noTask)
		}
	}
	return noTask
}

// maxNested is how far back to look for work that is still running: a goroutine that has done more
// than that within it was not written by a person.
const maxNested = 64

func (t *taskTree) addLine(l *telemetry.LogRecord, i int) {
	n, o := &t.nodes[i], t.owner[i]
	if !isElsewhere(l, n) || t.tasks[o].Thread != 0 && t.tasks[o].Thread == l.Thread {
		t.tasks[o].Logs++
		return
	}
	if l.Thread != 0 {
		if b := t.boundAt(thread{l.Source.Process, l.Thread}, l.Time); b != noTask {
			t.tasks[b].Logs++
			return
		}
	}
	g := goroutine{task: o, id: l.Thread}
	if l.Thread == 0 {
		g.span = i
	}
	o = t.goroutine(g, func() task { return t.newLinesTask(l) })
	t.tasks[o].addLine(l)
}

// goroutine returns the index of g's task, and makes it at the first sight of g.
func (t *taskTree) goroutine(g goroutine, newTask func() task) int {
	if i, ok := t.goroutines[g]; ok {
		return i
	}
	i := t.add(newTask(), g.task)
	t.goroutines[g] = i
	return i
}

func (t *taskTree) add(k task, above int) int {
	k.parent = above
	t.tasks = append(t.tasks, k)
	return len(t.tasks) - 1
}

func (t *taskTree) newTask(n *node, kind string) task {
	k := task{Kind: kind, Name: n.Name(), Service: n.Source.Service,
		TraceID: n.Trace.String(), SpanID: n.SpanRef.Span.String(), from: n.Start, to: n.End}
	if kind == taskGoroutine {
		k.Thread = n.Thread
		var p tracev1.Span
		if proto.Unmarshal(n.Raw, &p) == nil {
			k.Name = cmp.Or(threadName(p.GetAttributes()), k.Name)
		}
	}
	return k
}

// newLinesTask returns a task for a goroutine that has only logged so far.
func (t *taskTree) newLinesTask(l *telemetry.LogRecord) task {
	k := task{Kind: taskGoroutine, Service: l.Source.Service, Thread: l.Thread,
		TraceID: l.Trace.String(), SpanID: l.Span.String(), from: l.Time, to: l.Time}
	var p logsv1.LogRecord
	if proto.Unmarshal(l.Raw, &p) == nil {
		k.Name = cmp.Or(threadName(p.GetAttributes()), bodyOf(&p, newQuota(maxSummaryText)))
	}
	return k
}

func threadName(attrs []*commonv1.KeyValue) string {
	return telemetry.Clip(stringOf(attrs, telemetry.ThreadNameKey), telemetry.MaxIndexedName)
}

// inOrder lays the tree out, siblings by when they began.
func (t *taskTree) inOrder() []task {
	children := make([][]int, len(t.tasks)+1) // of the task before; those of no task at 0
	for i := range t.tasks {
		k := &t.tasks[i]
		k.OffsetMS, k.DurationMS, k.After = millis(k.from-t.base), millis(max(k.to-k.from, 0)), k.to > t.answered
		children[k.parent+1] = append(children[k.parent+1], i)
	}
	for _, c := range children {
		slices.SortStableFunc(c, func(a, b int) int { return cmp.Compare(t.tasks[a].from, t.tasks[b].from) })
		slices.Reverse(c) // the last one pushed is popped first
	}
	out := make([]task, 0, len(t.tasks))
	for stack := children[0]; len(stack) > 0; {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if p := t.tasks[i].parent; p >= 0 {
			t.tasks[i].Depth = t.tasks[p].Depth + 1
		}
		out = append(out, t.tasks[i])
		stack = append(stack, children[i+1]...)
	}
	return out
}
