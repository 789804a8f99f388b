// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/jobs"
)

// process runs one job and settles it.
func (w *worker) process(msg jetstream.Msg) {
	job, err := newJob(msg, w.queue.config.prefix)
	if err != nil {
		w.config.onError(fmt.Errorf("natsjobs: read a message's metadata: %w", err))
		return
	}
	defer w.keepAlive(msg).stop()
	admission, ok := w.admit(w.jobs, job)
	if !ok {
		return
	}
	defer admission.leave()
	ctx := w.jobs
	if w.config.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, w.config.timeout,
			fmt.Errorf("natsjobs: job %s took longer than %v", job.Name, w.config.timeout))
		defer cancel()
	}
	// The error is on the span and in the log, and settled.
	_ = w.runner.Run(ctx, jobs.Carrier(job.Header), w.name(job), func(ctx context.Context) error {
		return w.try(ctx, job, admission)
	}, jobs.WithAttributes(append(destination(msg.Subject()),
		semconv.MessagingConsumerGroupName(w.consumer.CachedInfo().Name),
		semconv.MessagingMessageID(job.ID),
		semconv.MessagingMessageBodySize(len(job.Data)))...),
		jobs.WithFields(zap.String("job_id", job.ID), zap.Int("delivery", job.Delivery)))
}

// try runs the job and settles it, even if its handler does not return: a panic, which continues,
// ends this process, and runtime.Goexit this goroutine.
func (w *worker) try(ctx context.Context, job *Job, a *admission) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		value := recover()
		a.over()
		if value == nil {
			w.settle(ctx, job, errExited)
			return
		}
		w.crash(ctx, job, value)
		panic(value)
	}()
	err = w.handle(ctx, job)
	returned = true
	a.over()
	w.settle(ctx, job, err)
	return readable(err)
}

var errExited = errors.New("the handler has exited its goroutine, by runtime.Goexit")

// name keeps senders from inventing profile labels: only names that have a handler become labels.
func (w *worker) name(job *Job) string {
	if w.handlers[job.Name] == nil {
		return "unknown"
	}
	return job.Name
}

// handle runs the handler.
func (w *worker) handle(ctx context.Context, job *Job) (err error) {
	handler := w.handlers[job.Name]
	if handler == nil {
		return errUnhandled(job.Name)
	}
	if r := job.record; r != nil && r.Crashes >= w.queue.config.maxCrashes {
		return Permanent(fmt.Errorf("it has ended %d processes: %s", r.Crashes, r.Reason))
	}
	if w.config.recovers {
		defer func() {
			if value := recover(); value != nil {
				err = &PanicError{Value: value, Stack: debug.Stack()}
			}
		}()
	}
	return handler(ctx, job)
}

// settle tells the server the result of a job.
func (w *worker) settle(ctx context.Context, job *Job, err error) {
	var failed error
	switch d := w.decide(ctx, job, err); {
	case d.ack:
		if failed = w.ack(ctx, job); failed == nil {
			w.forget(ctx, job)
		}
	case d.bury:
		failed = w.bury(ctx, job, readable(err).Error())
	default:
		failed = job.msg.NakWithDelay(d.after)
		w.config.logger.Warn("job will be retried", zap.String("job", job.Name), zap.String("job_id", job.ID),
			zap.Int("delivery", job.Delivery), zap.Duration("after", d.after))
	}
	if failed != nil {
		w.config.onError(fmt.Errorf("natsjobs: settle job %s %s: %w", job.Name, job.ID, failed))
	}
}

// crash notes that job is about to end this process. The jobs that run beside it are not to blame.
// No other job may begin: it would die with the process, and so would this job, uncounted, if it is
// delivered again before the process is gone.
func (w *worker) crash(ctx context.Context, job *Job, value any) {
	w.lock.close()
	if err := w.load(ctx, job); err != nil {
		w.config.onError(err)
		return
	}
	r := job.record
	r.Crashes++
	r.Answered, r.Reason = job.Delivery, "panic: "+textOf(value)
	var failed error
	if r.Crashes >= w.queue.config.maxCrashes {
		failed = w.bury(ctx, job, fmt.Sprintf("it has ended %d processes: %s", r.Crashes, r.Reason))
	} else if failed = w.save(ctx, job); failed == nil {
		failed = job.msg.NakWithDelay(w.config.backoff(r.Crashes))
	}
	if failed = errors.Join(failed, w.queue.nc.FlushTimeout(flushTimeout)); failed != nil {
		w.config.onError(fmt.Errorf("natsjobs: note a panic of job %s %s: %w", job.Name, job.ID, failed))
	}
}

func (w *worker) ack(ctx context.Context, job *Job) error {
	if !w.config.doubleAck {
		return job.msg.Ack()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackTimeout)
	defer cancel()
	return job.msg.DoubleAck(ctx)
}

const ackTimeout = 5 * time.Second
