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

// TaskKindKey is the attribute with the kind of bound work that a span of [TraceTasks]
// stands for: the Kind of its [store.Task], such as "go" or "timer".
const TaskKindKey = attribute.Key("asynclocal.task.kind")

// TraceTasks makes a span of each piece of work that is bound to a [store.Request] and
// starts from now on, until stop is called: of store.Go, Bind, AfterFunc,
// ContextAfterFunc and a Resource's Run. A trace then has the work that a request set
// in motion as a tree, also where that does nothing but log.
//
// The span is a child of the one that was active where the work was bound, though that
// may have ended by now, and comes from the same TracerProvider. It is active
// while the work runs, and has the function's name, with code.function.name and
// [TaskKindKey] as attributes. Of work that panics, or exits its goroutine, it has the
// status Error; the panic goes on.
//
// Work outside requests has no span, nor has work where the active span is not sampled or
// missing: TraceTasks never begins a trace. Bare go statements are not seen, see
// [WithGoroutines] for those.
//
// It is process-wide, and meant to be called once, where the provider is made. Called
// again it makes a second span of each. stop may be called again, at any time and by
// any goroutine: work that has begun still ends its span. A span costs about a
// microsecond more than one that is started by hand, and nothing holds it once the work
// is over; without a call to TraceTasks bound work costs nothing.
//
// The option is [WithTaskFilter].
func TraceTasks(opts ...Option) (stop func()) {
	t := &taskSpans{wanted: newConfig(takerTasks, opts).tasks}
	return store.Observe(store.Observer{Start: t.start, End: t.end})
}

// WithTaskFilter leaves out the bound work for which wanted returns false: callbacks
// that run thousands of times, say. It is called before each piece of work, on its
// goroutine, and must be safe for concurrent use. The default lets
// everything in; a nil wanted panics. An option of [TraceTasks].
func WithTaskFilter(wanted func(store.Task) bool) Option {
	need(wanted != nil, "WithTaskFilter", "leave the option out for everything")
	return option{"WithTaskFilter", takerTasks, func(c *config) { c.tasks = wanted }}
}

// taskSpans are the spans of the work that runs.
//
// They are found by the number of the run. What is ambient at the end of the work need
// not be what was at its start, and a span found there would not be sure to be ours.
type taskSpans struct {
	wanted func(store.Task) bool
	spans  sync.Map // of Task.Run to trace.Span
}

func (t *taskSpans) start(task store.Task) {
	if task.Request == nil || t.wanted != nil && !t.wanted(task) {
		return
	}
	// As it was captured: that it has ended meanwhile is what most spans do under which
	// work was bound that goes on.
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
