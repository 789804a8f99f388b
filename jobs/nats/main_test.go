// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/jobs/nats/embedded"
)

func TestMain(m *testing.M) {
	if os.Getenv(roleEnv) != "" {
		os.Exit(playRole())
	}
	goleak.VerifyTestMain(m)
}

// broker starts a server for one test and connects to it.
func broker(t testing.TB, opts ...embedded.Option) *nats.Conn {
	t.Helper()
	s, err := embedded.Start(t.TempDir(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	nc, err := s.Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func open(t testing.TB, nc *nats.Conn, opts ...natsjobs.Option) *natsjobs.Queue {
	t.Helper()
	q, err := natsjobs.Open(t.Context(), nc, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// work runs a worker until stop is called, or the test ends.
func work(t testing.TB, q *natsjobs.Queue, h natsjobs.Handlers, opts ...natsjobs.WorkOption) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	opts = append([]natsjobs.WorkOption{natsjobs.WithErrorHandler(func(err error) { t.Log(err) })}, opts...)
	go func() { done <- q.Work(ctx, h, opts...) }()
	stopped := false
	stop = func() {
		t.Helper()
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error("Work:", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func recorder() (*tracetest.SpanRecorder, *sdktrace.TracerProvider) {
	sr := tracetest.NewSpanRecorder()
	return sr, sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(sr))
}

const patience = 30 * time.Second

// receive waits for a value, long enough for the slowest machine.
func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}
