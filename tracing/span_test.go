// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func active() trace.SpanID { return tracing.Span().SpanContext().SpanID() }

func TestTheActiveSpanFollowsStartsAndEnds(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	none := trace.SpanID{}
	tests := []struct {
		name  string
		order []int // which of three nested spans ends when
		want  []int // which is active after that: -1 none
	}{
		{"innermost first", []int{2, 1, 0}, []int{1, 0, -1}},
		{"outermost first", []int{0, 1, 2}, []int{2, 2, -1}},
		{"the middle one first", []int{1, 2, 0}, []int{2, 0, -1}},
		{"twice", []int{2, 2, 1, 2, 0, 0}, []int{1, 1, 0, 0, -1, -1}},
	}
	for _, tt := range tests {
		for place, elsewhere := range map[string]bool{"here": false, "on other goroutines": true} {
			t.Run(tt.name+", "+place, func(t *testing.T) {
				t.Parallel()
				r := record()
				var spans [3]trace.Span
				for i := range spans {
					_, spans[i] = r.Start(bg(), "span")
				}
				for i, which := range tt.order {
					end(spans[which], elsewhere)
					want := none
					if tt.want[i] >= 0 {
						want = spans[tt.want[i]].SpanContext().SpanID()
					}
					if got := active(); got != want {
						t.Errorf("after End number %d: active %v, want %v", i, got, want)
					}
				}
				if n := len(r.spans.Ended()); n != 3 {
					t.Errorf("%d spans ended, want 3", n)
				}
			})
		}
	}
}

func end(s trace.Span, elsewhere bool) {
	if !elsewhere {
		s.End()
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { s.End() })
	wg.Wait()
}

func TestEndElsewhereLeavesThatGoroutineAlone(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	_, here := r.Start(bg(), "here")
	defer here.End()
	started, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_, there := r.Start(bg(), "there")
		close(started)
		here.End()
		if active() != there.SpanContext().SpanID() {
			t.Error("ending another goroutine's span took away this one's")
		}
		there.End()
	}()
	<-started
	<-done
}

func TestAFunctionThatLeavesSpansOpenDoesNotLeakThem(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	var s store.Storage[int]
	_, outer := r.Start(bg(), "outer")
	defer outer.End()
	s.Run(1, func() { _, _ = r.Start(bg(), "left open") })
	if active() != outer.SpanContext().SpanID() {
		t.Error("a span that was left open inside Run is active after it")
	}
}

func TestSpansLeftOpenAreCollected(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	type key struct{}
	tracer := tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("test")
	var collected atomic.Int32
	const started, kept = 1000, 64
	for range started {
		held := new([64]byte) // by the span, through its ctx
		runtime.AddCleanup(held, func(n int32) { collected.Add(n) }, 1)
		tracer.Start(context.WithValue(bg(), key{}, held), "left open")
	}
	for deadline := time.Now().Add(time.Minute); collected.Load() < started-2*kept; runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d spans that are not held were collected", collected.Load(), started)
		}
	}
}

func TestAPanicIsRecordedAsByTheSDK(t *testing.T) {
	t.Parallel()
	r := record()
	panics := func(tracer trace.Tracer, name string) (got any) {
		defer func() { got = recover() }()
		_, s := tracer.Start(bg(), name)
		defer s.End(trace.WithStackTrace(true))
		panic(name)
	}
	for name, tracer := range map[string]trace.Tracer{"bare": r.sdk.Tracer("test"), "wrapped": r} {
		if got := panics(tracer, name); got != name {
			t.Errorf("%s: the panic came out as %v", name, got)
		}
		if events := ended(t, r, name).Events(); len(events) != 1 || events[0].Name != "exception" || len(events[0].Attributes) != 3 {
			t.Errorf("%s: events %v", name, events)
		}
	}
	if active().IsValid() {
		t.Error("the span that panicked is still active")
	}
}

func TestTheContextThatStartReturns(t *testing.T) {
	t.Parallel()
	type key struct{}
	r := record()
	cause := errors.New("cause")
	parent, cancel := context.WithCancelCause(context.WithValue(bg(), key{}, "value"))
	ctx, s := r.Start(parent, "span")
	defer s.End()
	if trace.SpanFromContext(ctx) != s {
		t.Error("it does not carry the span")
	}
	if ctx.Value(key{}) != "value" {
		t.Error("it does not carry its parent's values")
	}
	child, stop := context.WithCancel(ctx)
	defer stop()
	cancel(cause)
	<-child.Done()
	if !errors.Is(context.Cause(child), cause) || !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("cause %v, err %v", context.Cause(child), ctx.Err())
	}
	if got, want := fmt.Sprint(ctx), "tracing.span("+s.SpanContext().TraceID().String()+"-"+s.SpanContext().SpanID().String()+")"; got != want {
		t.Errorf("prints %q, want %q", got, want)
	}
}

func TestASpanIsTheWrappedOnesInAllElse(t *testing.T) {
	t.Parallel()
	r := record()
	ctx, parent := r.Start(bg(), "parent")
	_, child := r.Start(ctx, "child")
	child.SetName("renamed")
	child.AddEvent("event")
	child.End()
	if parent.TracerProvider() != r.provider {
		t.Error("its TracerProvider is not the wrapped one")
	}
	own, ok := tracing.UnwrapSpan(parent).(sdktrace.ReadOnlySpan)
	if !ok {
		t.Fatalf("UnwrapSpan gives a %T", tracing.UnwrapSpan(parent))
	}
	parent.End()
	if own.ChildSpanCount() != 1 {
		t.Errorf("the SDK counted %d children, want 1", own.ChildSpanCount())
	}
	if s := ended(t, r, "renamed"); len(s.Events()) != 1 {
		t.Errorf("events: %v", s.Events())
	}
	if got := tracing.UnwrapSpan(own.(trace.Span)); got != own.(trace.Span) {
		t.Error("UnwrapSpan changed a span that was not wrapped")
	}
}

func TestASamplerSeesTheSDKsOwnParent(t *testing.T) {
	t.Parallel()
	var seen []string
	sampler := samplerFunc(func(p sdktrace.SamplingParameters) {
		seen = append(seen, fmt.Sprintf("%T", trace.SpanFromContext(p.ParentContext)))
	})
	tracer := tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler))).Tracer("test")
	ctx, s := tracer.Start(bg(), "parent")
	defer s.End()
	_, child := tracer.Start(ctx, "child")
	child.End()
	if len(seen) != 2 || seen[1] != "*trace.recordingSpan" {
		t.Errorf("parents seen: %q", seen)
	}
}

type samplerFunc func(sdktrace.SamplingParameters)

func (f samplerFunc) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	f(p)
	return sdktrace.SamplingResult{Decision: sdktrace.RecordAndSample}
}

func (samplerFunc) Description() string { return "for a test" }

func TestTheUsersLabelsDoNotTakeTheSpanAway(t *testing.T) {
	t.Parallel()
	needAmbient(t)
	r := record()
	_, outer := r.Start(bg(), "outer")
	pprof.Do(store.Context(), pprof.Labels("user", "1"), func(context.Context) {
		_, inner := r.Start(bg(), "inner")
		_, innermost := r.Start(bg(), "innermost")
		innermost.End()
		inner.End()
	})
	_, after := r.Start(bg(), "after")
	after.End()
	outer.End()
	want := map[string]string{"outer": "", "inner": "outer", "innermost": "inner", "after": "outer"}
	if got := r.parents(); !equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
