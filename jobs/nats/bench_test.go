// SPDX-License-Identifier: Apache-2.0

package natsjobs_test

import (
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"

	natsjobs "github.com/asynclocal/asynclocal/jobs/nats"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// BenchmarkJob is one job from publishing to its acknowledgement, on an embedded
// server with its files on disk, synced every 2 minutes: 64 publish, 256 at most
// work. What counts is the ratio to bare JetStream in one run.
func BenchmarkJob(b *testing.B) {
	b.Run("bare JetStream", func(b *testing.B) { benchBare(b) })
	b.Run("no context, no spans", func(b *testing.B) {
		benchQueue(b, func(f func(context.Context)) { f(context.Background()) }, natsjobs.WithTracerProvider(noop.NewTracerProvider()))
	})
	b.Run("request and storage, no spans", func(b *testing.B) {
		benchQueue(b, inRequest, natsjobs.WithTracerProvider(noop.NewTracerProvider()))
	})
	b.Run("request, storage and SDK spans", func(b *testing.B) {
		tp := tracing.Wrap(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(discard{})))
		benchQueue(b, func(f func(context.Context)) {
			inRequest(func(ctx context.Context) {
				ctx, span := tp.Tracer("bench").Start(ctx, "POST /orders")
				defer span.End()
				f(ctx)
			})
		}, natsjobs.WithTracerProvider(tp))
	})
}

// inRequest calls f as a handler with something to pass on calls Publish.
func inRequest(f func(context.Context)) {
	store.NewRequest("").Run(context.Background(), func(ctx context.Context) { f(tenant.With(ctx, "acme")) })
}

type discard struct{}

func (discard) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (discard) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (discard) Shutdown(context.Context) error                  { return nil }
func (discard) ForceFlush(context.Context) error                { return nil }

const (
	benchPublishers = 64
	benchWorkers    = 256
)

var benchData = make([]byte, 256)

// benchPublish calls publish b.N times, and waits until done was called as often.
func benchPublish(b *testing.B, done *atomic.Int64, publish func() error) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuTime()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range benchPublishers {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if err := publish(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for done.Load() < int64(b.N) {
		time.Sleep(time.Millisecond)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/float64(b.N), "cpu-µs/job")
}

// cpuTime is what the process has used so far. On a machine that has other things
// to do it compares better than the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchQueue(b *testing.B, around func(func(context.Context)), opts ...natsjobs.Option) {
	q := open(b, broker(b), opts...)
	var done atomic.Int64
	stop := work(b, q, natsjobs.Handlers{"n": func(context.Context, *natsjobs.Job) error {
		done.Add(1)
		return nil
	}}, natsjobs.WithConcurrency(benchWorkers))
	benchPublish(b, &done, func() (err error) {
		around(func(ctx context.Context) { _, err = q.Publish(ctx, "n", benchData) })
		return err
	})
	b.StopTimer()
	stop()
}

// benchBare does by hand, with the same client, what a queue needs at the least.
func benchBare(b *testing.B) {
	nc := broker(b)
	js, err := jetstream.New(nc)
	if err != nil {
		b.Fatal(err)
	}
	s, err := js.CreateStream(b.Context(), jetstream.StreamConfig{
		Name: "BARE", Subjects: []string{"bare.>"}, Retention: jetstream.WorkQueuePolicy, Storage: jetstream.FileStorage,
	})
	if err != nil {
		b.Fatal(err)
	}
	c, err := s.CreateConsumer(b.Context(), jetstream.ConsumerConfig{
		Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: -1,
	})
	if err != nil {
		b.Fatal(err)
	}
	var done atomic.Int64
	slots := make(chan struct{}, benchWorkers)
	cc, err := c.Consume(func(msg jetstream.Msg) {
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			done.Add(1)
			if err := msg.Ack(); err != nil {
				b.Error(err)
			}
		}()
	}, jetstream.PullMaxMessages(benchWorkers))
	if err != nil {
		b.Fatal(err)
	}
	benchPublish(b, &done, func() error {
		_, err := js.PublishMsg(b.Context(), &nats.Msg{Subject: "bare.n", Data: benchData, Header: nats.Header{}}, jetstream.WithMsgID(nuid.Next()))
		return err
	})
	b.StopTimer()
	cc.Drain()
	<-cc.Closed()
}
