// SPDX-License-Identifier: Apache-2.0

package riverjobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/asynclocal/asynclocal/jobs"
	riverjobs "github.com/asynclocal/asynclocal/jobs/river"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

var tenant = store.New("tenant", "")

func init() { jobs.Register(tenant, "tenant", jobs.Text[string]()) }

type greetArgs struct{ Name string }

func (greetArgs) Kind() string { return "greet" }

// greeter tells what it sees of the context.
type greeter struct {
	river.WorkerDefaults[greetArgs]

	seen   chan seen
	result func(attempt int) error
}

type seen struct {
	request, name, tenant string
	trace                 trace.TraceID
}

func (g *greeter) Work(ctx context.Context, job *river.Job[greetArgs]) error {
	r, _ := store.CurrentFrom(ctx)
	whose, _ := tenant.From(ctx)
	g.seen <- seen{r.ID(), r.Name(), whose, trace.SpanContextFromContext(ctx).TraceID()}
	return g.result(job.Attempt)
}

// retryAtOnce keeps tests from waiting for a back-off.
type retryAtOnce struct{}

func (retryAtOnce) NextRetry(*rivertype.JobRow) time.Time { return time.Now() }

type setup struct {
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	spans  *tracetest.SpanRecorder
	tp     trace.TracerProvider
	logs   *observer.ObservedLogs
	worker *greeter
}

func start(t *testing.T) *setup {
	t.Helper()
	s := &setup{spans: tracetest.NewSpanRecorder(), worker: &greeter{
		seen: make(chan seen, 10), result: func(int) error { return nil },
	}}
	s.tp = tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s.spans)))
	core, logs := observer.New(zap.InfoLevel)
	s.logs = logs
	s.pool = postgres(t)
	driver := riverpgxv5.New(s.pool)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil); err != nil {
		t.Fatal(err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, s.worker)
	s.client, err = river.NewClient(driver, &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}, Workers: workers,
		RetryPolicy: retryAtOnce{},
		Middleware:  []rivertype.Middleware{riverjobs.New(riverjobs.WithTracerProvider(s.tp), riverjobs.WithLogger(zap.New(core)))},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.client.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.client.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// insert runs a request that inserts jobs, and returns its span.
func (s *setup) insert(t *testing.T, id string, f func(context.Context) error) (span trace.SpanContext) {
	t.Helper()
	store.NewRequest(id).Run(context.Background(), func(ctx context.Context) {
		ctx, sp := s.tp.Tracer("test").Start(tenant.With(ctx, "acme"), "POST /orders")
		defer sp.End()
		span = sp.SpanContext()
		if err := f(ctx); err != nil {
			t.Error(err)
		}
	})
	return span
}

func TestAJobKnowsTheRequestThatInsertedIt(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, insert := range map[string]func(context.Context) error{
		"Insert": func(ctx context.Context) error {
			_, err := s.client.Insert(ctx, greetArgs{"Zoë"}, &river.InsertOpts{Metadata: []byte(`{"mine":1}`)})
			return err
		},
		"InsertTx": func(ctx context.Context) error {
			return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
				_, err := s.client.InsertTx(ctx, tx, greetArgs{"Zoë"}, nil)
				return err
			})
		},
		"InsertMany": func(ctx context.Context) error {
			_, err := s.client.InsertMany(ctx, []river.InsertManyParams{{Args: greetArgs{"Zoë"}}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			span := s.insert(t, "order-"+name, insert)
			want := seen{"order-" + name, "job greet", "acme", span.TraceID()}
			if have := receive(t, s.worker.seen); have != want {
				t.Errorf("the job saw %+v, want %+v", have, want)
			}
		})
	}
}

func TestTheContextLeavesOtherMetadataAlone(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.insert(t, "order-1", func(ctx context.Context) error {
		_, err := s.client.Insert(ctx, greetArgs{}, &river.InsertOpts{Metadata: []byte(`{"mine":{"deep":[1]}}`)})
		return err
	})
	receive(t, s.worker.seen)
	var metadata []byte
	if err := s.pool.QueryRow(t.Context(), `SELECT metadata FROM river_job`).Scan(&metadata); err != nil {
		t.Fatal(err)
	}
	var all struct {
		Mine    struct{ Deep []int }
		Context jobs.Carrier `json:"asynclocal"`
	}
	if err := json.Unmarshal(metadata, &all); err != nil || len(all.Mine.Deep) != 1 || all.Context["x-request-id"][0] != "order-1" {
		t.Errorf("metadata %s: %v", metadata, err)
	}
}

func TestATransactionThatFailsEnqueuesNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	no := errors.New("no")
	s.insert(t, "order-1", func(ctx context.Context) error {
		err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			if _, err := s.client.InsertTx(ctx, tx, greetArgs{}, nil); err != nil {
				t.Error(err)
			}
			return no
		})
		if !errors.Is(err, no) {
			t.Error(err)
		}
		return nil
	})
	s.insert(t, "order-2", func(ctx context.Context) error {
		_, err := s.client.Insert(ctx, greetArgs{}, nil)
		return err
	})
	if have := receive(t, s.worker.seen); have.request != "order-2" {
		t.Errorf("job of %s was worked", have.request)
	}
}

func TestARetryKeepsTheContext(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.worker.result = func(attempt int) error {
		if attempt < 2 {
			return errors.New("not yet")
		}
		return nil
	}
	s.insert(t, "order-1", func(ctx context.Context) error {
		_, err := s.client.Insert(ctx, greetArgs{}, nil)
		return err
	})
	first, second := receive(t, s.worker.seen), receive(t, s.worker.seen)
	if first != second || first.request != "order-1" {
		t.Errorf("attempts saw %+v and %+v", first, second)
	}
}

func TestASnoozedJobHasNotFailed(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.worker.result = func(int) error { return river.JobSnooze(time.Hour) }
	s.insert(t, "order-1", func(ctx context.Context) error {
		_, err := s.client.Insert(ctx, greetArgs{}, nil)
		return err
	})
	receive(t, s.worker.seen)
	eventually(t, "the snooze", func() bool {
		var state string
		err := s.pool.QueryRow(t.Context(), `SELECT state FROM river_job`).Scan(&state)
		return err == nil && state == "scheduled"
	})
	if n := s.logs.FilterMessage("job failed").Len(); n != 0 {
		t.Errorf("%d jobs failed", n)
	}
}

func TestABadContextIsNone(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, metadata := range []string{`{"asynclocal":7}`, `{"asynclocal":{"traceparent":"x"}}`, `{"asynclocal":{"x-request-id":["two words"]}}`, `{}`} {
		// Inserted behind the middleware's back.
		_, err := s.pool.Exec(t.Context(), `INSERT INTO river_job (kind, args, max_attempts, queue, state, metadata)
			VALUES ('greet', '{}', 1, 'default', 'available', $1)`, metadata)
		if err != nil {
			t.Fatal(err)
		}
		if have := receive(t, s.worker.seen); len(have.request) != 26 || have.tenant != "" {
			t.Errorf("%s: the job saw %+v", metadata, have)
		}
	}
}
