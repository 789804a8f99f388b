// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
)

func quick(int) time.Duration { return 10 * time.Millisecond }

func TestAFailedJobIsTriedAgain(t *testing.T) {
	t.Parallel()
	q := open(t, broker(t))
	deliveries := make(chan int, 10)
	work(t, q, natsjobs.Handlers{"flaky": func(_ context.Context, job *natsjobs.Job) error {
		deliveries <- job.Delivery
		if job.Delivery < 3 {
			return errors.New("not yet")
		}
		return nil
	}}, natsjobs.WithBackoff(quick))
	publish(t, q, "flaky")
	for want := 1; want <= 3; want++ {
		if have := receive(t, deliveries); have != want {
			t.Fatalf("delivery %d, want %d", have, want)
		}
	}
}

func TestAJobThatKeepsFailingIsBuriedWithItsReason(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		handler  natsjobs.Handler
		opts     []natsjobs.WorkOption
		tries    int32
		reason   string
		otherJob bool
	}{
		"after its tries": {
			handler: func(context.Context, *natsjobs.Job) error { return errors.New("smtp: no route\nto host") },
			tries:   3, reason: "smtp: no route to host",
		},
		"at once if it cannot be cured": {
			handler: func(context.Context, *natsjobs.Job) error {
				return fmt.Errorf("read: %w", natsjobs.Permanent(errors.New("not JSON")))
			},
			tries: 1, reason: "read: not JSON",
		},
		"if it panics, where that is to be caught": {
			handler: func(context.Context, *natsjobs.Job) error { panic("boom") },
			opts:    []natsjobs.WorkOption{natsjobs.WithRecover()},
			tries:   3, reason: "panic: boom",
		},
		"if it has no handler": {
			handler: func(context.Context, *natsjobs.Job) error { return nil },
			tries:   0, reason: `no handler for job "doomed"`, otherJob: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nc := broker(t)
			q := open(t, nc, natsjobs.WithMaxDeliver(3))
			var tries atomic.Int32
			job := "doomed"
			if tt.otherJob {
				job = "other"
			}
			work(t, q, natsjobs.Handlers{job: func(ctx context.Context, job *natsjobs.Job) error {
				tries.Add(1)
				return tt.handler(ctx, job)
			}}, append(tt.opts, natsjobs.WithBackoff(quick))...)
			if _, err := q.Publish(t.Context(), "doomed", []byte("data"), natsjobs.WithHeader("x-mine", "kept"), natsjobs.WithID("d1")); err != nil {
				t.Fatal(err)
			}
			letter := deadLetter(t, nc)
			if have := letter.Header[natsjobs.DeadReasonKey][0]; have != tt.reason {
				t.Errorf("reason %q, want %q", have, tt.reason)
			}
			if letter.Subject != "dead.jobs.doomed" || string(letter.Data) != "data" || letter.Header["x-mine"][0] != "kept" {
				t.Errorf("letter %+v is not the job", letter)
			}
			if have := tries.Load(); have != tt.tries {
				t.Errorf("%d tries, want %d", have, tt.tries)
			}
			emptied(t, nc)
		})
	}
}

func TestTheSameIDIsOneJob(t *testing.T) {
	t.Parallel()
	nc := broker(t)
	q := open(t, nc)
	for i, duplicate := range []bool{false, true, true} {
		ack, err := q.Publish(t.Context(), "once", nil, natsjobs.WithID("order-1"))
		if err != nil {
			t.Fatal(err)
		}
		if ack.Duplicate != duplicate {
			t.Errorf("publish %d: duplicate %v", i, ack.Duplicate)
		}
	}
	if have := pending(t, nc, "JOBS"); have != 1 {
		t.Errorf("%d jobs, want 1", have)
	}
}

func TestALongJobIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	nc := broker(t)
	const wait = 2 * time.Second // long enough that a stalled machine is not a lost worker
	q := open(t, nc, natsjobs.WithAckWait(wait))
	var deliveries atomic.Int32
	done := make(chan struct{}, 10)
	handler := natsjobs.Handlers{"long": func(context.Context, *natsjobs.Job) error {
		deliveries.Add(1)
		time.Sleep(5 * wait / 2) // work, not synchronisation
		done <- struct{}{}
		return nil
	}}
	work(t, q, handler)
	work(t, q, handler) // has nothing to do, and would take what looks lost
	publish(t, q, "long")
	receive(t, done)
	emptied(t, nc)
	if n := deliveries.Load(); n != 1 {
		t.Errorf("%d deliveries", n)
	}
}

func TestAShutdownLetsJobsFinish(t *testing.T) {
	t.Parallel()
	nc := broker(t)
	q := open(t, nc)
	started, release := make(chan struct{}, 2), make(chan struct{})
	stop := work(t, q, natsjobs.Handlers{"slow": func(ctx context.Context, _ *natsjobs.Job) error {
		started <- struct{}{}
		<-release
		return ctx.Err()
	}}, natsjobs.WithConcurrency(2))
	for range 4 {
		publish(t, q, "slow")
	}
	receive(t, started)
	receive(t, started)
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	stop()
	// The server has the acknowledgements, and takes its time to look at them.
	eventually(t, "the two that ran to be acknowledged, and no other delivered", func() bool {
		return pending(t, nc, "JOBS") <= 2 && unanswered(t, nc) == 0
	})
}

func TestAShutdownCancelsWhatOutlastsItsGrace(t *testing.T) {
	t.Parallel()
	nc := broker(t)
	q := open(t, nc)
	started := make(chan struct{}, 1)
	stop := work(t, q, natsjobs.Handlers{"stuck": func(ctx context.Context, _ *natsjobs.Job) error {
		started <- struct{}{}
		<-ctx.Done()
		return context.Cause(ctx)
	}}, natsjobs.WithGrace(10*time.Millisecond), natsjobs.WithBackoff(func(int) time.Duration { return time.Hour }))
	publish(t, q, "stuck")
	receive(t, started)
	stop()
	if have := pending(t, nc, "JOBS"); have != 1 {
		t.Errorf("%d jobs, want it kept for another try", have)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	t.Parallel()
	nc := broker(t)
	q := open(t, nc)
	const limit, total = 3, 50
	var running, most atomic.Int32
	done := make(chan struct{}, total)
	work(t, q, natsjobs.Handlers{"n": func(context.Context, *natsjobs.Job) error {
		now := running.Add(1)
		for {
			if m := most.Load(); now <= m || most.CompareAndSwap(m, now) {
				break
			}
		}
		time.Sleep(time.Millisecond)
		running.Add(-1)
		done <- struct{}{}
		return nil
	}}, natsjobs.WithConcurrency(limit))
	for range total {
		publish(t, q, "n")
	}
	for range total {
		receive(t, done)
	}
	if m := most.Load(); m > limit {
		t.Errorf("%d jobs at once, want at most %d", m, limit)
	}
}

func TestAPoisonedMessageRunsWithoutWhatIsBad(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]nats.Header{
		"headers that are no such thing": {
			"traceparent": {"zz-nonsense"}, "x-request-id": {"two words"}, "x-store-tenant": {"%zz"}, "baggage": {",,,=;;"},
		},
		"a version unknown and a flag too many": {"traceparent": {"ff-00000000000000000000000000000000-0000000000000000-ff"}},
		"as much baggage as the server takes":   {"baggage": {"k=" + strings.Repeat("v", 60<<10)}},
		"headers twice":                         {"Traceparent": {"a", "b"}, "TRACEPARENT": {"c"}, "x-request-id": {"a", "b"}},
		"no headers":                            nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nc := broker(t)
			q := open(t, nc)
			got := make(chan seen, 1)
			work(t, q, natsjobs.Handlers{"greet": func(ctx context.Context, job *natsjobs.Job) error {
				got <- look(ctx, job)
				return nil
			}})
			if err := nc.PublishMsg(&nats.Msg{Subject: "jobs.greet", Data: []byte("{"), Header: header}); err != nil {
				t.Fatal(err)
			}
			have := receive(t, got)
			if have.tenant != "" || have.data != "{" {
				t.Errorf("the job saw %+v", have)
			}
			emptied(t, nc)
		})
	}
}

func TestHeadersArriveInAnyCase(t *testing.T) {
	t.Parallel()
	spans, tp := recorder()
	nc := broker(t)
	q := open(t, nc, natsjobs.WithTracerProvider(tp))
	work(t, q, natsjobs.Handlers{"greet": func(context.Context, *natsjobs.Job) error { return nil }})
	header := nats.Header{}
	header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	header.Set("X-REQUEST-ID", "order-1")
	if err := nc.PublishMsg(&nats.Msg{Subject: "jobs.greet", Header: header}); err != nil {
		t.Fatal(err)
	}
	s := waitForSpans(t, spans.Ended, 1)[0]
	if s.SpanContext().TraceID().String() != "0af7651916cd43dd8448eb211c80319c" {
		t.Error("the trace was lost")
	}
	has(t, s, "request.id", "order-1")
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	nc := broker(t)
	_, err := natsjobs.Open(t.Context(), nc, natsjobs.WithStream("a b"), natsjobs.WithPrefix("x.>"),
		natsjobs.WithReplicas(0), natsjobs.WithDedupeWindow(-1), natsjobs.WithAckWait(1), natsjobs.WithMaxDeliver(0))
	for _, want := range []string{"WithStream", "WithPrefix", "WithReplicas", "WithDedupeWindow", "WithAckWait", "WithMaxDeliver"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	q := open(t, nc)
	if _, err := q.Publish(t.Context(), "a.*", nil); err == nil {
		t.Error("a wildcard is no name")
	}
	ok := natsjobs.Handlers{"a": func(context.Context, *natsjobs.Job) error { return nil }}
	for _, opt := range []natsjobs.WorkOption{
		natsjobs.WithConcurrency(0), natsjobs.WithGrace(-1), natsjobs.WithTimeout(-1),
	} {
		if err := q.Work(t.Context(), ok, opt); err == nil {
			t.Error("a bad option was taken")
		}
	}
	if err := q.Work(t.Context(), nil); err == nil {
		t.Error("no handlers were taken")
	}
	if err := q.Work(t.Context(), natsjobs.Handlers{"a": nil}); err == nil {
		t.Error("a nil handler was taken")
	}
}

func publish(t *testing.T, q *natsjobs.Queue, name string) {
	t.Helper()
	if _, err := q.Publish(t.Context(), name, nil); err != nil {
		t.Fatal(err)
	}
}

func stream(t *testing.T, nc *nats.Conn, name string) jetstream.Stream {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func pending(t *testing.T, nc *nats.Conn, name string) uint64 {
	t.Helper()
	return stream(t, nc, name).CachedInfo().State.Msgs
}

// unanswered is how many jobs were delivered and not acknowledged.
func unanswered(t *testing.T, nc *nats.Conn) int {
	t.Helper()
	c, err := stream(t, nc, "JOBS").Consumer(t.Context(), "workers")
	if err != nil {
		t.Fatal(err)
	}
	return c.CachedInfo().NumAckPending
}

func emptied(t *testing.T, nc *nats.Conn) {
	t.Helper()
	eventually(t, "the queue to be empty", func() bool { return pending(t, nc, "JOBS") == 0 })
}

func deadLetter(t *testing.T, nc *nats.Conn) *jetstream.RawStreamMsg {
	t.Helper()
	s := stream(t, nc, "JOBS_DEAD")
	var letter *jetstream.RawStreamMsg
	eventually(t, "a dead letter", func() (ok bool) {
		var err error
		letter, err = s.GetMsg(t.Context(), 1)
		return err == nil
	})
	return letter
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain for ", what)
		}
	}
}

func waitForSpans(t *testing.T, ended func() []sdktrace.ReadOnlySpan, n int) []sdktrace.ReadOnlySpan {
	t.Helper()
	eventually(t, fmt.Sprint(n, " spans"), func() bool { return len(ended()) >= n })
	return ended()
}

func named(t *testing.T, spans []sdktrace.ReadOnlySpan, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	for _, s := range spans {
		if s.Name() == name {
			return s
		}
	}
	t.Fatalf("no span %q", name)
	return nil
}
