// SPDX-License-Identifier: Apache-2.0

package tracing

import (
	"context"
	"reflect"
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/asynclocal/asynclocal/internal/frame"
)

// tracer is a Tracer of a wrapped provider.
//
// It asks for the wrapped Tracer when the first span is started. The global provider calls Tracer
// while it holds a lock that its own Tracer takes: if the global provider is what was wrapped,
// asking earlier would deadlock.
type tracer struct {
	embedded.Tracer

	provider *provider
	name     string
	opts     []trace.TracerOption
	origins  origins // of its spans that have no tracestate
	inner    atomic.Pointer[inner]
}

func newTracer(p *provider, name string, opts []trace.TracerOption) *tracer {
	t := &tracer{provider: p, name: name, opts: opts}
	t.origins.tracer = t
	return t
}

// inner is a wrapped Tracer.
type inner struct {
	trace.Tracer
	noop bool
	made [2]atomic.Pointer[reflect.Type]
}

// makes reports whether in has been seen to start spans of s's type. Asking each span for its
// context, to learn whether it is such a span, costs as much as everything else.
func (in *inner) makes(s trace.Span) bool {
	t := reflect.TypeOf(s)
	for i := range in.made {
		if m := in.made[i].Load(); m != nil && *m == t {
			return true
		}
	}
	return false
}

// trust notes that spans of s's type are in's own spans. Two slots are enough for a provider that
// has one type for spans that record and one for spans that do not.
func (in *inner) trust(s trace.Span) {
	t := reflect.TypeOf(s)
	for i := range in.made {
		if in.made[i].CompareAndSwap(nil, &t) {
			return
		}
	}
}

func (t *tracer) resolved() *inner {
	if i := t.inner.Load(); i != nil {
		return i
	}
	return t.resolve()
}

func (t *tracer) resolve() *inner {
	opts := make([]trace.TracerOption, 0, len(t.opts)+1)
	opts = append(opts, via{trace.WithInstrumentationVersion(""), t.provider})
	i := &inner{Tracer: t.provider.inner.Tracer(t.name, append(opts, t.opts...)...)}
	_, i.noop = i.Tracer.(noop.Tracer)
	if !t.inner.CompareAndSwap(nil, i) {
		return t.inner.Load()
	}
	return i
}

// Start starts a span and makes it the ambient active one. A nil ctx counts as context.Background.
func (t *tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	return t.start(ctx, name, opts, t.provider.config.activate)
}

func (t *tracer) start(ctx context.Context, name string, opts []trace.SpanStartOption, activate bool) (context.Context, trace.Span) {
	if ctx == nil {
		ctx = context.Background()
	}
	in := t.resolved()
	if in.noop {
		return startNothing(ctx, in, name, opts)
	}
	s, e, own := newSpan(activate)
	before := frame.Slot()
	if fresh := s.begin(ctx, t, in, name, opts); fresh && activate {
		e.Record.Enter(&e.Frame, own, before)
	}
	ctx = s.over(ctx)
	return ctx, s
}

// startNothing is Start of the no-op provider, which returns the parent that it finds in ctx. It
// wraps nothing, so that it costs next to nothing.
func startNothing(ctx context.Context, in *inner, name string, opts []trace.SpanStartOption) (context.Context, trace.Span) {
	if p := frame.Parent(); p != nil && explicit(ctx) == nil && fits(p, carriedRequest(frame.Carried(ctx))) {
		ctx = trace.ContextWithSpan(ctx, spanOf(p))
	}
	return startPlain(ctx, in.Tracer, name, opts)
}

// startPlain starts a span of t, which is not ours. If the ctx that t returns has no span, it
// returns the original ctx: otherwise each Start in a series would make it longer.
func startPlain(ctx context.Context, t trace.Tracer, name string, opts []trace.SpanStartOption) (context.Context, trace.Span) {
	before := frame.Slot()
	started, s := t.Start(ctx, name, opts...)
	frame.Keep(before)
	if !s.SpanContext().IsValid() && !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, s
	}
	return started, s
}
