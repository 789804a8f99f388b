// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// Tests of TraceTasks are not parallel: it is process-wide.

// inRequest runs f in a request that has a span of the name request.
func inRequest(t *testing.T, tp trace.TracerProvider, f func(ctx context.Context)) {
	t.Helper()
	r := store.NewRequest("r1")
	ctx, s := tracing.StartRequest(t.Context(), tp.Tracer("server"), r, "request")
	defer s.End()
	r.Run(ctx, f)
}

// named is work that a test can name.
func named() {}

func TestEveryKindOfBoundWorkIsASpan(t *testing.T) {
	needAmbient(t)
	for _, tt := range []struct {
		kind  string
		start func(f func())
	}{
		{store.KindGo, store.Go},
		{store.KindBind, func(f func()) { store.Bind(f)() }},
		{store.KindBind, func(f func()) { store.BindFunc(f)() }},
		{store.KindTimer, func(f func()) { store.AfterFunc(0, f) }},
		{store.KindContext, func(f func()) {
			ctx, cancel := context.WithCancel(bg())
			store.ContextAfterFunc(ctx, f)
			cancel()
		}},
		{"conn", func(f func()) { store.NewResource("conn").Run(f) }},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			r := record()
			stop := tracing.TraceTasks()
			done, over := make(chan struct{}), make(chan struct{})
			defer store.Observe(store.Observer{End: func(store.Task) { close(over) }})()
			inRequest(t, r.provider, func(context.Context) {
				_, s := r.Start(bg(), "handler")
				defer s.End()
				tt.start(func() {
					defer close(done)
					_, s := r.Start(bg(), "inside")
					s.End()
				})
				<-done
				<-over
			})
			stop()
			name := ""
			for _, s := range r.spans.Ended() {
				if strings.HasPrefix(s.Name(), "tracing_test.TestEveryKindOfBoundWorkIsASpan.") {
					name = s.Name()
				}
			}
			if got := r.parents(); name == "" || got[name] != "handler" || got["inside"] != name || len(got) != 4 {
				t.Fatalf("parents: %v", got)
			}
			got := attributes(ended(t, r, name))
			if got["asynclocal.task.kind"] != tt.kind || got["request.id"] != "r1" || !strings.HasSuffix(got["code.function.name"], "/"+name) {
				t.Errorf("attributes: %v", got)
			}
		})
	}
}

func TestTheParentIsWhatWasActiveAtTheBind(t *testing.T) {
	needAmbient(t)
	r := record()
	defer tracing.TraceTasks()()
	var late func()
	inRequest(t, r.provider, func(context.Context) {
		_, s := r.Start(bg(), "handler")
		late = store.Bind(named)
		s.End()
	})
	_, other := r.Start(bg(), "other")
	late()
	other.End()
	if got := r.parents()["tracing_test.named"]; got != "handler" {
		t.Errorf("its parent is %q", got)
	}
}

func TestWorkThatBindsWorkIsATree(t *testing.T) {
	needAmbient(t)
	r := record()
	defer tracing.TraceTasks(tracing.WithTaskFilter(func(task store.Task) bool { return task.Kind != store.KindBind }))()
	inRequest(t, r.provider, func(context.Context) {
		conn := store.NewResource("conn")
		var wg sync.WaitGroup
		for range 3 { // concurrent runs of one resource
			wg.Go(func() {
				conn.Run(func() {
					store.Bind(func() { store.NewResource("inner").Run(named) })()
				})
			})
		}
		wg.Wait()
	})
	spans, inner := r.spans.Ended(), 0
	outer := map[trace.SpanID]bool{}
	for _, s := range spans {
		if attributes(s)["asynclocal.task.kind"] == "conn" {
			outer[s.SpanContext().SpanID()] = true
		}
	}
	for _, s := range spans {
		if s.Name() == "tracing_test.named" && outer[s.Parent().SpanID()] {
			inner++
		}
	}
	if len(outer) != 3 || inner != 3 || len(spans) != 7 {
		t.Errorf("%d runs, %d below them, %d spans: %v", len(outer), inner, len(spans), r.parents())
	}
}

func TestThereIsNoSpanOfWorkThatIsNobodys(t *testing.T) {
	needAmbient(t)
	r := record()
	defer tracing.TraceTasks()()
	store.Bind(named)()
	store.NewRequest("no span").Run(bg(), func(context.Context) { store.Bind(named)() })
	_, s := r.Start(bg(), "no request")
	store.Bind(named)()
	s.End()
	spans := tracetest.NewSpanRecorder()
	inRequest(t, tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans), sdktrace.WithSampler(sdktrace.NeverSample()))),
		func(context.Context) { store.Bind(named)() })
	if n := len(spans.Started()); n != 0 {
		t.Errorf("%d spans in a trace that is not sampled", n)
	}
	if got := r.parents(); len(got) != 1 {
		t.Errorf("spans: %v", got)
	}
}

func TestStopEndsItOnceAndLosesNothing(t *testing.T) {
	needAmbient(t)
	r := record()
	stop := tracing.TraceTasks()
	inRequest(t, r.provider, func(context.Context) {
		store.Bind(func() {
			stop()
			stop()
		})()
		store.Bind(named)()
	})
	if got := r.parents(); len(got) != 2 || len(r.spans.Started()) != 2 {
		t.Errorf("spans: %v", got)
	}
}

func TestWorkThatDoesNotReturnHasFailed(t *testing.T) {
	needAmbient(t)
	r := record()
	defer tracing.TraceTasks()()
	inRequest(t, r.provider, func(context.Context) {
		defer func() {
			if v := recover(); v != "oh" {
				t.Errorf("the panic was %v", v)
			}
		}()
		store.Bind(func() { panic("oh") })()
	})
	inRequest(t, r.provider, func(context.Context) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			store.Bind(runtime.Goexit)()
		}()
		<-done
	})
	failed := 0
	for _, s := range r.spans.Ended() {
		if s.Status().Code == codes.Error {
			failed++
		}
	}
	if failed != 2 {
		t.Errorf("%d spans have failed, want 2", failed)
	}
	if got := r.parents()["runtime.Goexit"]; got != "request" {
		t.Errorf("parent %q", got)
	}
}

func TestTraceTasksTakesTheProviderOfTheParent(t *testing.T) {
	needAmbient(t)
	a, b := record(), record()
	defer tracing.TraceTasks()()
	inRequest(t, a.provider, func(context.Context) { store.Bind(named)() })
	inRequest(t, tracing.Wrap(b.sdk, tracing.WithoutActivation()), func(context.Context) { store.Bind(named)() })
	foreign := record()
	inRequest(t, foreign.sdk, func(context.Context) { store.Bind(named)() })
	for name, r := range map[string]recording{"the first": a, "the second, without activation": b, "one that is not wrapped": foreign} {
		if got := r.parents()["tracing_test.named"]; got != "request" {
			t.Errorf("%s has %v", name, r.parents())
		}
	}
}

func TestNothingIsKeptOfWorkThatIsOver(t *testing.T) {
	needAmbient(t)
	defer tracing.TraceTasks()()
	var held weak.Pointer[store.Request]
	func() {
		request := store.NewRequest("held")
		request.SetLinger(0)
		held = weak.Make(request)
		ctx, s := tracing.StartRequest(bg(), tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("server"), request, "request")
		request.Run(ctx, func(context.Context) {
			for range 100 {
				store.Bind(named)()
			}
		})
		s.End()
	}()
	for deadline := time.Now().Add(time.Minute); held.Value() != nil; runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatal("the request is still held")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestGoroutinesAreAttributes(t *testing.T) {
	t.Parallel()
	r := record()
	tracer := tracing.Wrap(r.sdk, tracing.WithGoroutines()).Tracer("test")
	request := store.NewRequest("r1")
	ctx, s := tracing.StartRequest(bg(), tracer, request, "request")
	request.Run(ctx, func(ctx context.Context) {
		_, same := tracer.Start(ctx, "same")
		same.End()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, s := tracer.Start(ctx, "another")
			s.End()
		}()
		<-done
	})
	s.End()
	id := func(name string) int64 {
		for _, a := range ended(t, r, name).Attributes() {
			if a.Key == "thread.id" {
				return a.Value.AsInt64()
			}
		}
		return 0
	}
	if a, b, c := id("request"), id("same"), id("another"); a == 0 || a != b || c == 0 || c == a {
		t.Errorf("goroutines %d, %d, %d", a, b, c)
	}
	if got := attributes(ended(t, r, "another")); got["thread.name"] != "tracing_test.TestGoroutinesAreAttributes.func1.1" || got["request.id"] != "r1" {
		t.Errorf("attributes: %v", got)
	}
	if got := attributes(ended(t, r, "request")); got["thread.name"] != "testing.tRunner" || got["request.id"] != "r1" {
		t.Errorf("attributes: %v", got)
	}
}
