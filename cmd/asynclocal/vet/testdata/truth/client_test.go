// SPDX-License-Identifier: Apache-2.0

package truth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

func TestOnlyAClientWithOurTransportSendsTheTraceAlong(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("had", r.Header.Get("traceparent"))
	}))
	defer server.Close()
	provider := tracing.Wrap(sdktrace.NewTracerProvider())
	in("a", func() {
		_, span := provider.Tracer("truth").Start(context.Background(), "handle")
		defer span.End()
		for name, c := range map[string]*http.Client{
			"http.DefaultClient":              http.DefaultClient,
			"http.Client{}":                   {},
			"http.Client{Timeout: …}":         {Timeout: time.Minute},
			"a client with tracing.Transport": {Transport: tracing.Transport(nil)},
		} {
			resp, err := c.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if got, want := resp.Header.Get("had") != "", name == "a client with tracing.Transport"; got != want {
				t.Errorf("%s sends a traceparent: %t, want %t", name, got, want)
			}
		}
	})
}

// The ambient half still finds the request where a ctx is dropped on the request's own goroutines;
// what is lost is what only a ctx carries.
func TestAnEmptyContextDropsTheDeadlineAndWhatAnotherGoroutineWouldRead(t *testing.T) {
	t.Parallel()
	jobs, done := make(chan context.Context), make(chan string)
	go func() {
		for ctx := range jobs {
			if r, ok := store.CurrentFrom(ctx); ok {
				done <- r.ID()
			} else {
				done <- outside
			}
		}
	}()
	defer close(jobs)
	deadline, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	store.NewRequest("a").Run(deadline, func(ctx context.Context) {
		r, _ := store.CurrentFrom(context.Background())
		want(t, "context.Background on the request's goroutine", r.ID(), "a")
		for what, ctx := range map[string]context.Context{"context.Background": context.Background(), "store.Detach(ctx)": store.Detach(ctx)} {
			if _, has := ctx.Deadline(); has {
				t.Errorf("%s has the request's deadline", what)
			}
			if ctx.Done() != nil {
				t.Errorf("%s is cancelled with the request", what)
			}
		}
		jobs <- context.Background()
		want(t, "another goroutine that gets context.Background", <-done, outside)
		jobs <- store.Detach(ctx)
		want(t, "another goroutine that gets a detached ctx", <-done, "a")
		jobs <- ctx
		want(t, "another goroutine that gets the ctx", <-done, "a")
	})
}
