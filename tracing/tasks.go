// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/internal/frame"
	"github.com/asynclocal/asynclocal/internal/goroutine"
	"github.com/asynclocal/asynclocal/store"
)

// TaskKindKey is the attribute with the kind of bound work that a span of [TraceTasks] represents:
// the Kind of its [store.Task], such as "go" or "timer".
const TaskKindKey = attribute.Key("asynclocal.task.kind")

// TraceTasks makes a span of each piece of work that is bound to a [store.Request] and starts from
// now on, until stop is called: work of store.Go, Bind, AfterFunc, ContextAfterFunc and a
// Resource's Run. The trace then shows the work that a request started as a tree, even work that
// only logs.
//
// The span is a child of the span that was active where the work was bound, though that may have
// ended by now, and comes from the same TracerProvider. It is active while the work runs, and has
// the function's name, with code.function.name and [TaskKindKey] as attributes. If the work panics,
// or exits its goroutine, the status is Error; the panic continues.
//
// Work outside requests has no span, and neither has work whose active span is missing or not
// sampled: TraceTasks never starts a trace. It does not see bare go statements; see
// [WithGoroutines] for those.
//
// It is process-wide, and meant to be called once, where the provider is made. A second call makes
// a second span of each task. stop may be called again, at any time and on any goroutine: work that
// has started still ends its span. A span costs about a microsecond more than one that is started
// by hand, and is not held once the work is over. Without a call to TraceTasks, bound work costs
// nothing.
//
// The option is [WithTaskFilter].
func TraceTasks(opts ...Option) (stop func()) {
	t := &taskSpans{wanted: newConfig(takerTasks, opts).tasks}
	return store.Observe(store.Observer{Start: t.start, End: t.end})
}

// WithTaskFilter leaves out the bound work for which wanted returns false, such as callbacks that
// run thousands of times. wanted is called before each piece of work, on its goroutine, and must be
// safe for concurrent use. By default all bound work is traced; a nil wanted panics. An option of
// [TraceTasks].
func WithTaskFilter(wanted func(store.Task) bool) Option {
	need(wanted != nil, "WithTaskFilter", "leave the option out for everything")
	return option{"WithTaskFilter", takerTasks, func(c *config) { c.tasks = wanted }}
}

// taskSpans are the spans of tasks that are running.
//
// They are found by the number of the run. The ambient span at the end of the work may differ from
// the one at its start, and is not certain to be ours.
type taskSpans struct {
	wanted func(store.Task) bool
	spans  sync.Map // of Task.Run to trace.Span
}

func (t *taskSpans) start(task store.Task) {
	if task.Request == nil || t.wanted != nil && !t.wanted(task) {
		return
	}
	// The span as it was captured: most spans have ended by the time the work that was bound under
	// them runs.
	bound := frame.CurrentActive().Span()
	if bound == nil {
		return
	}
	parent := spanOf(bound)
	if parent == nil || !parent.SpanContext().IsSampled() {
		return
	}
	ctx := trace.ContextWithSpan(store.Context(), parent)
	_, s := tracerOf(parent).start(ctx, taskName(task), []trace.SpanStartOption{taskAttributes(task)}, true)
	t.spans.Store(task.Run, s)
}

func (t *taskSpans) end(task store.Task) {
	v, ok := t.spans.LoadAndDelete(task.Run)
	if !ok {
		return
	}
	s := v.(trace.Span)
	if !task.Returned {
		s.SetStatus(codes.Error, "it panicked, or exited its goroutine")
	}
	s.End()
}

func taskName(task store.Task) string {
	if f := goroutine.Short(task.Function()); f != "" {
		return f
	}
	return task.Kind
}

func taskAttributes(task store.Task) trace.SpanStartEventOption {
	if f := task.Function(); f != "" {
		return trace.WithAttributes(TaskKindKey.String(task.Kind), semconv.CodeFunctionName(f))
	}
	return trace.WithAttributes(TaskKindKey.String(task.Kind))
}
