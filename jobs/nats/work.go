// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/asynclocal/asynclocal/jobs"
)

// Work runs jobs until ctx is done. Then it fetches no more, lets the running jobs finish, and
// returns nil. It returns an error if some did not finish within the grace, or if the queue is
// gone. Jobs that are not acknowledged are delivered again, to any worker.
//
// Each job runs on its own goroutine through jobs.Run. A job that was delivered before and not
// answered runs alone; see WithMaxCrashes. Work waits until temporary trouble with the broker is
// over, and reports it to WithErrorHandler.
func (q *Queue) Work(ctx context.Context, handlers Handlers, opts ...WorkOption) error {
	c, err := newWorkConfig(opts)
	if err != nil {
		return err
	}
	if len(handlers) == 0 {
		return errors.New("natsjobs: Work without handlers; give it one for each job's name")
	}
	for name, h := range handlers {
		if h == nil {
			return fmt.Errorf("natsjobs: Work with a nil handler for job %q", name)
		}
	}
	consumer, err := q.js.CreateOrUpdateConsumer(ctx, q.config.stream, q.config.consumer())
	switch {
	case ctx.Err() != nil:
		return nil // before it has begun
	case err != nil:
		return fmt.Errorf("natsjobs: work on %s: %w", q.config.stream, err)
	}
	return newWorker(ctx, q, handlers, c, consumer).run(ctx)
}

type worker struct {
	queue    *Queue
	handlers Handlers
	config   workConfig
	consumer jetstream.Consumer
	ackWait  time.Duration
	runner   *jobs.Runner

	lock       jobLock
	quarantine quarantine
	lookout    lookout
	stopping   <-chan struct{} // closed when no more jobs may begin

	slots   chan struct{}   // one element for each running job
	jobs    context.Context // what jobs get; it outlives the ctx of Work by the grace
	cancel  context.CancelCauseFunc
	running sync.WaitGroup
}

func newWorker(ctx context.Context, q *Queue, handlers Handlers, c workConfig, consumer jetstream.Consumer) *worker {
	w := &worker{
		queue: q, handlers: handlers, config: c, consumer: consumer,
		ackWait:  consumer.CachedInfo().Config.AckWait,
		stopping: ctx.Done(), slots: make(chan struct{}, c.concurrency),
		runner: jobs.NewRunner(q.config.run(c.logger)...),
	}
	w.jobs, w.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	return w
}

func (w *worker) run(ctx context.Context) error {
	defer w.cancel(nil)
	if err := w.quarantine.begin(ctx, w.queue, w.config.concurrency); err != nil && ctx.Err() == nil {
		w.config.onError(err) // of a full disk, for example; jobs can still run
	}
	var err error
	for ctx.Err() == nil && err == nil {
		if free := w.acquire(ctx); free > 0 {
			err = w.fetch(ctx, free)
		}
	}
	return errors.Join(err, w.drain())
}

// acquire waits for a free slot, takes all free slots, and returns how many.
func (w *worker) acquire(ctx context.Context) (n int) {
	select {
	case w.slots <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for n = 1; ; n++ {
		select {
		case w.slots <- struct{}{}:
		default:
			return n
		}
	}
}

// fetchWait is how long a fetch waits for jobs. It also bounds the shutdown of an idle worker: a
// fetch is not cut short, because the server may have sent a job already, which would then stay
// unacknowledged until its wait is over.
const fetchWait = time.Second

// fetch starts up to free jobs, and gives back the slots that it has no job for. It fetches no more
// jobs than can start: a job that waited in this process without signs of life would be taken for
// lost and run twice.
func (w *worker) fetch(ctx context.Context, free int) error {
	defer func() { w.release(free) }()
	batch, err := w.consumer.Fetch(free, jetstream.FetchMaxWait(fetchWait))
	if err != nil {
		return w.trouble(ctx, err)
	}
	got := 0
	for msg := range batch.Messages() {
		free--
		got++
		w.running.Go(func() {
			defer w.release(1)
			w.process(msg)
		})
	}
	w.look(ctx, got)
	return w.trouble(ctx, batch.Error())
}

func (w *worker) release(n int) {
	for range n {
		<-w.slots
	}
}

// trouble returns err if it is final; otherwise it reports err and waits a while.
func (w *worker) trouble(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, nats.ErrConnectionClosed),
		errors.Is(err, jetstream.ErrConsumerDeleted),
		errors.Is(err, jetstream.ErrConsumerNotFound),
		errors.Is(err, jetstream.ErrBadRequest):
		return fmt.Errorf("natsjobs: work on %s: %w", w.queue.config.stream, err)
	}
	w.config.onError(fmt.Errorf("natsjobs: fetch from %s: %w", w.queue.config.stream, err))
	select {
	case <-time.After(troubleWait):
	case <-ctx.Done():
	}
	return nil
}

const troubleWait = 250 * time.Millisecond

// errShutdown is the cause that a job finds in its ctx.
var errShutdown = errors.New("natsjobs: the worker is shutting down")

// drain waits for the running jobs, and makes sure that the server has their acknowledgments.
func (w *worker) drain() error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.running.Wait()
	}()
	select {
	case <-done:
	case <-time.After(w.config.grace):
		w.cancel(errShutdown)
		select {
		case <-done:
		case <-time.After(cancelWait):
			return fmt.Errorf("natsjobs: %d jobs did not finish within %v of grace; they will be delivered again",
				len(w.slots), w.config.grace)
		}
	}
	if err := w.queue.nc.FlushTimeout(flushTimeout); err != nil {
		return fmt.Errorf("natsjobs: flush acknowledgements: %w", err)
	}
	if err := w.quarantine.end(); err != nil {
		w.config.onError(err) // the next worker is then more careful than it needs to be
	}
	return nil
}

const (
	cancelWait   = time.Second
	flushTimeout = 5 * time.Second
)
