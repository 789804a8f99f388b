// SPDX-License-Identifier: Apache-2.0

package jobs_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal"
	"github.com/asynclocal/asynclocal/jobs"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func recorder() (*tracetest.SpanRecorder, trace.TracerProvider) {
	sr := tracetest.NewSpanRecorder()
	return sr, tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(sr)))
}

func nothing(context.Context) error { return nil }

// enqueue runs a request that enqueues one job, and returns its carrier and span.
func enqueue(tp trace.TracerProvider, id string, inject func(context.Context, jobs.Carrier)) (jobs.Carrier, trace.SpanContext) {
	c := jobs.Carrier{}
	var sc trace.SpanContext
	store.NewRequest(id).Run(context.Background(), func(ctx context.Context) {
		ctx, span := tp.Tracer("test").Start(ctx, "POST /orders")
		defer span.End()
		sc = span.SpanContext()
		inject(ctx, c)
	})
	return c, sc
}

func TestAJobIsARequestOfItsOwnWithTheIDOfTheOneThatEnqueuedIt(t *testing.T) {
	t.Parallel()
	spans, tp := recorder()
	c, parent := enqueue(tp, "order-1", jobs.Inject)
	var inner *store.Request
	err := jobs.Run(context.Background(), c, "send-receipt", func(ctx context.Context) error {
		inner, _ = store.CurrentFrom(ctx)
		if inner.ID() != "order-1" || inner.Name() != "job send-receipt" || inner.Ended() {
			t.Errorf("the job's request is %s %q, ended %v", inner.ID(), inner.Name(), inner.Ended())
		}
		return nil
	}, jobs.WithTracerProvider(tp))
	if err != nil || !inner.Ended() {
		t.Errorf("error %v, ended %v", err, inner.Ended())
	}
	s := last(t, spans)
	if s.Name() != "process send-receipt" || s.SpanKind() != trace.SpanKindConsumer {
		t.Errorf("span %q of kind %v", s.Name(), s.SpanKind())
	}
	if scope := s.InstrumentationScope(); scope.Name != jobs.ScopeName || scope.Version != asynclocal.Version {
		t.Errorf("the scope is %q %q", scope.Name, scope.Version)
	}
	if s.Parent().SpanID() != parent.SpanID() || s.SpanContext().TraceID() != parent.TraceID() {
		t.Error("want a child of the enqueuing span")
	}
	want(t, s, "messaging.operation.type", "process")
	want(t, s, "request.id", "order-1")
	if s.Status().Code != codes.Unset {
		t.Errorf("status %v", s.Status())
	}
}

func TestALinkIsEitherSidesChoice(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		inject []jobs.InjectOption
		run    []jobs.Option
	}{
		"the enqueuer's": {inject: []jobs.InjectOption{jobs.AsLink()}},
		"the worker's":   {run: []jobs.Option{jobs.WithLink()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, tp := recorder()
			c, sc := enqueue(tp, "order-1", jobs.NewInjector(tt.inject...).Inject)
			_ = jobs.Run(context.Background(), c, "report", nothing, append(tt.run, jobs.WithTracerProvider(tp))...)
			s := last(t, spans)
			if s.Parent().IsValid() || s.SpanContext().TraceID() == sc.TraceID() {
				t.Error("want a trace of its own")
			}
			if len(s.Links()) != 1 || s.Links()[0].SpanContext.SpanID() != sc.SpanID() {
				t.Errorf("links %v, want one to the enqueuing span", s.Links())
			}
			want(t, s, "request.id", "order-1")
		})
	}
}

func TestABatchLinksToEveryMessage(t *testing.T) {
	t.Parallel()
	spans, tp := recorder()
	first, _ := enqueue(tp, "a", jobs.Inject)
	second, sc2 := enqueue(tp, "b", jobs.Inject)
	third, sc3 := enqueue(tp, "c", jobs.Inject)
	_ = jobs.Run(context.Background(), first, "digest", nothing,
		jobs.WithTracerProvider(tp), jobs.WithBatch(second, third, nil, jobs.Carrier{"traceparent": {"bad"}}))
	links := last(t, spans).Links()
	if len(links) != 2 || links[0].SpanContext.SpanID() != sc2.SpanID() || links[1].SpanContext.SpanID() != sc3.SpanID() {
		t.Errorf("links %v", links)
	}
}

func TestAJobSeesNothingOfTheGoroutineThatRunsIt(t *testing.T) {
	t.Parallel()
	spans, tp := recorder()
	store.NewRequest("poller").Run(context.Background(), func(ctx context.Context) {
		_, span := tp.Tracer("test").Start(ctx, "poll")
		defer span.End()
		tenant.Run("the poller's", func() {
			_ = jobs.Run(context.Background(), nil, "n", func(context.Context) error {
				if r, ok := store.Current(); ok && r.ID() == "poller" {
					t.Error("the job runs in the poller's request")
				}
				if v, ok := tenant.GetStore(); ok {
					t.Errorf("the job has tenant %q", v)
				}
				return nil
			}, jobs.WithTracerProvider(tp))
			if v, ok := tenant.GetStore(); store.Ambient() && (!ok || v != "the poller's") {
				t.Error("the poller lost its own")
			}
		})
	})
	if s := spans.Ended()[0]; s.Name() != "process n" || s.Parent().IsValid() {
		t.Errorf("span %q has parent %v", s.Name(), s.Parent())
	}
}

func TestWhatCtxCarriesCountsWhereTheCarrierIsSilent(t *testing.T) {
	t.Parallel()
	ctx := tenant.With(context.Background(), "from ctx")
	_ = jobs.Run(ctx, nil, "n", func(ctx context.Context) error {
		if v, _ := tenant.From(ctx); v != "from ctx" {
			t.Errorf("tenant %q", v)
		}
		return nil
	})
	_ = jobs.Run(ctx, jobs.Carrier{"x-store-tenant": {"from%20the%20message"}}, "n", func(ctx context.Context) error {
		if v, _ := tenant.From(ctx); v != "from the message" {
			t.Errorf("tenant %q", v)
		}
		return nil
	})
}

func TestOutcomesAreRecorded(t *testing.T) {
	t.Parallel()
	failure := errors.New("smtp: no route")
	for name, tt := range map[string]struct {
		f         func(context.Context) error
		err       error
		panics    any
		exits     bool
		status    codes.Code
		errorType string
		events    int
		message   string
		level     zapcore.Level
	}{
		"success": {f: nothing, message: "job completed", level: zap.InfoLevel},
		"an error": {
			f: func(context.Context) error { return failure }, err: failure, status: codes.Error,
			errorType: "*errors.errorString", events: 1, message: "job failed", level: zap.ErrorLevel,
		},
		"a panic": {
			f: func(context.Context) error { panic("boom") }, panics: "boom", status: codes.Error,
			errorType: "panic", events: 1, message: "job panicked", level: zap.ErrorLevel,
		},
		"runtime.Goexit": {
			f: func(context.Context) error { runtime.Goexit(); return nil }, exits: true, status: codes.Error,
			errorType: "runtime.Goexit", message: "job exited its goroutine", level: zap.ErrorLevel,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans, tp := recorder()
			core, logs := observer.New(zap.DebugLevel)
			var request *store.Request
			o := call(func() error {
				return jobs.Run(context.Background(), nil, "n", func(ctx context.Context) error {
					request, _ = store.CurrentFrom(ctx)
					return tt.f(ctx)
				}, jobs.WithTracerProvider(tp), jobs.WithLogger(zap.New(core)), jobs.WithFields(zap.String("mine", "yes")))
			})
			if !errors.Is(o.err, tt.err) || o.panicked != tt.panics || o.exited != tt.exits || !request.Ended() {
				t.Errorf("outcome %+v, request ended %v", o, request.Ended())
			}
			s := last(t, spans)
			if s.Status().Code != tt.status || len(s.Events()) != tt.events {
				t.Errorf("status %v, events %v", s.Status(), s.Events())
			}
			if tt.errorType != "" {
				want(t, s, "error.type", tt.errorType)
			}
			line := logs.All()[0]
			fields := line.ContextMap()
			if line.Message != tt.message || line.Level != tt.level || fields["job"] != "n" || fields["mine"] != "yes" {
				t.Errorf("line %v %q %v", line.Level, line.Message, fields)
			}
			if _, ok := fields["duration_ms"].(float64); !ok || fields["request_id"] != request.ID() {
				t.Errorf("no duration or no id in %v", fields)
			}
		})
	}
}

// outcome is how a call ended.
type outcome struct {
	err      error
	panicked any
	exited   bool
}

func call(f func() error) outcome {
	c := make(chan outcome)
	go func() {
		o := outcome{exited: true}
		defer func() {
			if o.panicked = recover(); o.panicked != nil {
				o.exited = false
			}
			c <- o
		}()
		o.err = f()
		o.exited = false
	}()
	return <-c
}

func TestARunnersOptionsAreNotChangedByAJobs(t *testing.T) {
	t.Parallel()
	spans, tp := recorder()
	r := jobs.NewRunner(jobs.WithTracerProvider(tp), jobs.WithAttributes(attribute.String("system", "mine")))
	for _, id := range []string{"1", "2"} {
		_ = r.Run(nil, nil, "n", nothing, jobs.WithAttributes(attribute.String("id", id)))
		s := last(t, spans)
		want(t, s, "system", "mine")
		want(t, s, "id", id)
	}
}

func TestALingerIsTheJobs(t *testing.T) {
	t.Parallel()
	if !store.Ambient() {
		t.Skip("nothing lingers")
	}
	release, got := make(chan struct{}), make(chan bool)
	_ = jobs.Run(context.Background(), nil, "n", func(context.Context) error {
		go func() {
			<-release
			_, ok := store.Current()
			got <- ok
		}()
		return nil
	}, jobs.WithLinger(0))
	close(release)
	if <-got {
		t.Error("the job's context is still there")
	}
}

func TestAJobWithoutWorkIsAMistake(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	_ = jobs.Run(context.Background(), nil, "n", nil)
}

func last(t *testing.T, spans *tracetest.SpanRecorder) sdktrace.ReadOnlySpan {
	t.Helper()
	ended := spans.Ended()
	if len(ended) == 0 {
		t.Fatal("no span")
	}
	return ended[len(ended)-1]
}

func want(t *testing.T, s sdktrace.ReadOnlySpan, key attribute.Key, value string) {
	t.Helper()
	for _, a := range s.Attributes() {
		if a.Key == key {
			if a.Value.AsString() != value {
				t.Errorf("%s is %q, want %q", key, a.Value.AsString(), value)
			}
			return
		}
	}
	t.Errorf("no %s in %v", key, s.Attributes())
}
