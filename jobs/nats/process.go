// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/jobs"
)

// process does one job and settles it.
func (w *worker) process(msg jetstream.Msg) {
	job, err := newJob(msg, w.queue.config.prefix)
	if err != nil {
		w.config.onError(fmt.Errorf("natsjobs: read a message's metadata: %w", err))
		return
	}
	defer w.keepAlive(msg).stop()
	ctx := w.jobs
	if w.config.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, w.config.timeout,
			fmt.Errorf("natsjobs: job %s took longer than %v", job.Name, w.config.timeout))
		defer cancel()
	}
	// The error is on the span and in the log, and settled.
	_ = w.runner.Run(ctx, jobs.Carrier(job.Header), w.name(job), func(ctx context.Context) error {
		err := w.handle(ctx, job)
		w.settle(ctx, job, err)
		return err
	}, jobs.WithAttributes(append(destination(msg.Subject()),
		semconv.MessagingConsumerGroupName(w.consumer.CachedInfo().Name),
		semconv.MessagingMessageID(job.ID),
		semconv.MessagingMessageBodySize(len(job.Data)))...),
		jobs.WithFields(zap.String("job_id", job.ID), zap.Int("delivery", job.Delivery)))
}

// name keeps strangers from inventing profile labels: only names that have a
// handler become one.
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
	if job.Delivery > w.queue.config.maxDeliver {
		// Nobody lived to say what was wrong with it.
		return Permanent(fmt.Errorf("delivered %d times without an answer", job.Delivery-1))
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

// settle tells the server what became of a job.
func (w *worker) settle(ctx context.Context, job *Job, err error) {
	var failed error
	switch v := w.judge(job, err); {
	case v.ack:
		failed = w.ack(ctx, job)
	case v.bury:
		failed = w.bury(ctx, job, err.Error())
		if failed == nil {
			w.config.logger.Error("job buried", zap.String("job", job.Name), zap.String("job_id", job.ID),
				zap.Int("delivery", job.Delivery), zap.String("reason", err.Error()))
		}
	default:
		failed = job.msg.NakWithDelay(v.after)
		w.config.logger.Warn("job will be retried", zap.String("job", job.Name), zap.String("job_id", job.ID),
			zap.Int("delivery", job.Delivery), zap.Duration("after", v.after))
	}
	if failed != nil {
		w.config.onError(fmt.Errorf("natsjobs: settle job %s %s: %w", job.Name, job.ID, failed))
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
