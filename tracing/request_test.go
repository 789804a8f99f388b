// SPDX-License-Identifier: Apache-2.0

package tracing_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestStartRequest(t *testing.T) {
	t.Parallel()
	r := record()
	_, around := r.Start(bg(), "around") // a server that is started inside a span
	defer around.End()
	request := store.NewRequest("r1")
	ctx, s := tracing.StartRequest(bg(), r.Tracer, request, "request", trace.WithSpanKind(trace.SpanKindServer))
	if store.Ambient() && active() != around.SpanContext().SpanID() {
		t.Error("it is active before Run")
	}
	request.Run(ctx, func(ctx context.Context) {
		if store.Ambient() && active() != s.SpanContext().SpanID() {
			t.Error("it is not active inside Run")
		}
		_, child := r.Start(ctx, "child")
		child.End()
	})
	s.End()
	got := r.parents()
	if got["request"] != "" || got["child"] != "request" {
		t.Errorf("parents: %v", got)
	}
	for _, name := range []string{"request", "child"} {
		if id := attributes(ended(t, r, name))["request.id"]; id != "r1" {
			t.Errorf("%s: request.id = %q", name, id)
		}
	}
	if ended(t, r, "request").SpanKind() != trace.SpanKindServer {
		t.Error("the options were lost")
	}
}

func TestStartRequestTakesARemoteParent(t *testing.T) {
	t.Parallel()
	r := record()
	remote := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	_, s := tracing.StartRequest(trace.ContextWithRemoteSpanContext(bg(), remote), r.Tracer, store.NewRequest(""), "request")
	s.End()
	if got := ended(t, r, "request").Parent(); got.SpanID() != remote.SpanID() || !got.IsRemote() {
		t.Errorf("parent %v", got)
	}
}

func TestStartRequestWithAnyTracer(t *testing.T) {
	t.Parallel()
	r := record()
	ctx, s := tracing.StartRequest(nil, r.sdk.Tracer("bare"), nil, "bare")
	s.End()
	if trace.SpanFromContext(ctx) != s {
		t.Error("ctx does not carry the span")
	}
	ended(t, r, "bare")
}

func TestRequestAttributes(t *testing.T) {
	t.Parallel()
	name := func(r *store.Request) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("name", r.Name())}
	}
	given := trace.WithAttributes(attribute.String("request.id", "given"), attribute.Int("n", 1))
	tests := []struct {
		name string
		opts []tracing.Option
		with []trace.SpanStartOption
		want map[attribute.Key]string
	}{
		{"the id, by default", nil, nil, map[attribute.Key]string{"request.id": "r1"}},
		{"what Start is given wins", nil, []trace.SpanStartOption{given}, map[attribute.Key]string{"request.id": "given", "n": "1"}},
		{"others instead", []tracing.Option{tracing.WithRequestAttributes(name)}, nil, map[attribute.Key]string{"name": "GET /"}},
		{"others, and what Start is given", []tracing.Option{tracing.WithRequestAttributes(name)}, []trace.SpanStartOption{given},
			map[attribute.Key]string{"name": "GET /", "request.id": "given", "n": "1"}},
		{"none", []tracing.Option{tracing.WithRequestAttributes(noAttributes)}, nil, map[attribute.Key]string{}},
		{"none for this request", []tracing.Option{tracing.WithRequestAttributes(func(*store.Request) []attribute.KeyValue { return nil })}, nil,
			map[attribute.Key]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := record(tt.opts...)
			request := store.NewRequest("r1")
			request.SetName("GET /")
			request.Run(bg(), func(ctx context.Context) {
				_, s := r.Start(ctx, "span", tt.with...)
				s.End()
			})
			got := attributes(ended(t, r, "span"))
			if len(got) != len(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			for k, v := range tt.want {
				if got[k] != v {
					t.Errorf("%s = %q, want %q", k, got[k], v)
				}
			}
		})
	}
}

func TestSamplersSeeTheRequest(t *testing.T) {
	t.Parallel()
	seen := ""
	tracer := tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSampler(samplerFunc(func(p sdktrace.SamplingParameters) {
		for _, kv := range p.Attributes {
			if kv.Key == tracing.RequestIDKey {
				seen = kv.Value.AsString()
			}
		}
	})))).Tracer("test")
	store.NewRequest("r1").Run(bg(), func(ctx context.Context) {
		_, s := tracer.Start(ctx, "span")
		s.End()
	})
	if seen != "r1" {
		t.Errorf("the sampler saw the request id %q", seen)
	}
}

// A worker that one request happened to spawn works for another, whose ctx it has.
func TestARequestOfCtxBeatsTheGoroutines(t *testing.T) {
	t.Parallel()
	r := record()
	store.NewRequest("worker's").Run(bg(), func(context.Context) {
		_, of := r.Start(bg(), "worker's")
		defer of.End()
		job := store.NewRequest("job's")
		jobCtx := carried(job)
		ctx, span := r.Start(jobCtx, "job")
		if _, child := r.Start(ctx, "explicit child"); child != nil {
			child.End()
		}
		if _, child := r.Start(bg(), "dropped child"); child != nil {
			child.End()
		}
		if _, child := r.Start(jobCtx, "of the job's ctx"); child != nil {
			child.End()
		}
		span.End()
		if _, after := r.Start(bg(), "after"); after != nil {
			after.End()
		}
	})
	want := map[string]string{"job": "", "explicit child": "job", "worker's": ""}
	ids := map[string]string{"job": "job's", "explicit child": "job's", "of the job's ctx": "job's"}
	if store.Ambient() {
		want["dropped child"], want["after"] = "job", "worker's"
		want["of the job's ctx"] = "job"
		ids["dropped child"], ids["after"] = "job's", "worker's"
	}
	got := r.parents()
	for name, parent := range want {
		if got[name] != parent {
			t.Errorf("parent of %s: %q, want %q", name, got[name], parent)
		}
	}
	for name, id := range ids {
		if got := attributes(ended(t, r, name))["request.id"]; got != id {
			t.Errorf("request.id of %s: %q, want %q", name, got, id)
		}
	}
}

// carried returns a ctx that carries r, and no span.
func carried(r *store.Request) (ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() {
		store.Exit(func() { r.Run(bg(), func(inner context.Context) { ctx = inner }) })
	})
	wg.Wait()
	return ctx
}

func TestWhatAWorkerOfADeadRequestStarts(t *testing.T) {
	needAmbient(t)
	synctest.Test(t, func(t *testing.T) {
		r := record()
		jobs := make(chan string)
		request := store.NewRequest("dead")
		ctx, span := tracing.StartRequest(bg(), r.Tracer, request, "request")
		request.Run(ctx, func(context.Context) {
			go func() {
				for name := range jobs {
					_, s := r.Start(bg(), name)
					s.End()
				}
			}()
			jobs <- "while it runs"
			store.Go(func() {
				time.Sleep(2 * time.Hour)
				_, s := r.Start(bg(), "bound")
				s.End()
			})
		})
		span.End()
		time.Sleep(4 * time.Minute)
		jobs <- "within the linger"
		time.Sleep(2 * time.Minute)
		jobs <- "after it"
		close(jobs)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		want := map[string]string{"request": "", "while it runs": "request", "within the linger": "request", "after it": "", "bound": "request"}
		if got := r.parents(); !equal(got, want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		if id, ok := attributes(ended(t, r, "after it"))["request.id"]; ok {
			t.Errorf("what it starts after the linger has request.id %q", id)
		}
	})
}

func noAttributes(*store.Request) []attribute.KeyValue { return nil }
