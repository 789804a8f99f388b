// SPDX-License-Identifier: Apache-2.0

package asynqjobs_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/jobs"
	asynqjobs "github.com/asynclocal/asynclocal/jobs/asynq"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

var tenant = store.New("tenant", "")

func init() { jobs.Register(tenant, "tenant", jobs.Text[string]()) }

type seen struct {
	request, name, tenant, mine string
	trace                       trace.TraceID
}

func look(ctx context.Context, task *asynq.Task) seen {
	r, _ := store.CurrentFrom(ctx)
	whose, _ := tenant.From(ctx)
	return seen{r.ID(), r.Name(), whose, task.Headers()["x-mine"], trace.SpanContextFromContext(ctx).TraceID()}
}

// serve runs a server with one handler until the test ends.
func serve(t *testing.T, handler asynq.HandlerFunc, opts ...asynqjobs.Option) *asynq.Client {
	t.Helper()
	at := asynq.RedisClientOpt{Addr: redis(t)}
	server := asynq.NewServer(at, asynq.Config{
		Concurrency: 4, LogLevel: asynq.FatalLevel, TaskCheckInterval: 10 * time.Millisecond,
		DelayedTaskCheckInterval: 10 * time.Millisecond,
		RetryDelayFunc:           func(int, error, *asynq.Task) time.Duration { return 0 },
	})
	mux := asynq.NewServeMux()
	mux.Use(asynqjobs.Middleware(opts...))
	mux.Handle("greet", handler)
	if err := server.Start(mux); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Shutdown)
	client := asynq.NewClient(at)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestATaskKnowsTheRequestThatEnqueuedIt(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	tp := tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)))
	got := make(chan seen, 2)
	client := serve(t, func(ctx context.Context, task *asynq.Task) error {
		got <- look(ctx, task)
		if n, _ := asynq.GetRetryCount(ctx); n == 0 {
			return errors.New("not yet")
		}
		return nil
	}, asynqjobs.WithTracerProvider(tp))
	var span trace.SpanContext
	mine := map[string]string{"x-mine": "kept", "Traceparent": "stale"}
	store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
		ctx, sp := tp.Tracer("test").Start(tenant.With(ctx, "acme"), "POST /orders")
		defer sp.End()
		span = sp.SpanContext()
		task := asynqjobs.NewTaskWithHeaders(ctx, "greet", []byte("hello"), mine)
		if _, err := client.EnqueueContext(ctx, task); err != nil {
			t.Fatal(err)
		}
	})
	want := seen{"order-1", "job greet", "acme", "kept", span.TraceID()}
	for range 2 { // it is retried once
		if have := receive(t, got); have != want {
			t.Errorf("the task saw %+v, want %+v", have, want)
		}
	}
	if mine["Traceparent"] != "stale" || len(mine) != 2 {
		t.Errorf("the caller's headers are now %v", mine)
	}
}

func TestWhatTravelsIsAChoice(t *testing.T) {
	t.Parallel()
	store.NewRequest("order-1").Run(context.Background(), func(ctx context.Context) {
		f := asynqjobs.NewFactory(jobs.WithoutRequestID())
		headers := f.NewTask(tenant.With(ctx, "acme"), "greet", nil, nil).Headers()
		if len(headers) != 1 || headers["x-store-tenant"] != "acme" {
			t.Errorf("headers %v", headers)
		}
	})
}

func TestATaskWithoutAContextRuns(t *testing.T) {
	t.Parallel()
	got := make(chan seen, 2)
	client := serve(t, func(ctx context.Context, task *asynq.Task) error { got <- look(ctx, task); return nil })
	for _, task := range []*asynq.Task{
		asynq.NewTask("greet", nil),
		asynq.NewTaskWithHeaders("greet", nil, map[string]string{"traceparent": "x", "x-request-id": "two words"}),
	} {
		if _, err := client.Enqueue(task); err != nil {
			t.Fatal(err)
		}
		if have := receive(t, got); len(have.request) != 26 || have.tenant != "" {
			t.Errorf("the task saw %+v", have)
		}
	}
}

// redis starts a Redis for one test, and returns its address.
func redis(t *testing.T) string {
	t.Helper()
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Redis: install the package redis-server")
		}
		t.Skip("no Redis")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(bin, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		client := asynq.NewClient(asynq.RedisClientOpt{Addr: addr})
		err := client.Ping()
		_ = client.Close()
		if err == nil {
			return addr
		}
		if time.Now().After(deadline) {
			t.Fatal(fmt.Errorf("redis: %w", err))
		}
	}
}

const patience = 30 * time.Second

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}
