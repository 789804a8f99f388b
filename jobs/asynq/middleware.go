// SPDX-License-Identifier: Apache-2.0

package asynqjobs

import (
	"context"

	"github.com/hibiken/asynq"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/jobs"
)

// Option configures Middleware.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct{ run []jobs.Option }

// WithTracerProvider sets the provider of the tasks' spans. The default is OpenTelemetry's global
// provider. A nil tp panics.
func WithTracerProvider(tp trace.TracerProvider) Option { return WithRun(jobs.WithTracerProvider(tp)) }

// WithLogger sets the logger that writes a line when a task is over. The default is no line. A nil
// l panics.
func WithLogger(l *zap.Logger) Option { return WithRun(jobs.WithLogger(l)) }

// WithRun sets options for how tasks are run, such as jobs.WithLink. The default is that of
// jobs.Run.
func WithRun(opts ...jobs.Option) Option {
	return option(func(c *config) { c.run = append(c.run, opts...) })
}

// Middleware runs tasks in the context that their headers carry. Register it first, so that log
// lines of other middleware belong to the task.
func Middleware(opts ...Option) asynq.MiddlewareFunc {
	var c config
	for _, o := range opts {
		if o == nil {
			panic("asynqjobs: Middleware with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	runner := jobs.NewRunner(c.run...)
	return func(next asynq.Handler) asynq.Handler {
		return asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
			attributes, fields := describe(ctx, task)
			return runner.Run(ctx, carrierOf(task.Headers()), task.Type(), func(ctx context.Context) error {
				return next.ProcessTask(ctx, task)
			}, jobs.WithAttributes(attributes...), jobs.WithFields(fields...))
		})
	}
}

// describe returns what asynq says about a task through ctx.
func describe(ctx context.Context, task *asynq.Task) (attributes []attribute.KeyValue, fields []zap.Field) {
	attributes = append(attributes,
		semconv.MessagingSystemKey.String("asynq"),
		semconv.MessagingMessageBodySize(len(task.Payload())))
	if queue, ok := asynq.GetQueueName(ctx); ok {
		attributes = append(attributes, semconv.MessagingDestinationName(queue))
	}
	if id, ok := asynq.GetTaskID(ctx); ok {
		attributes = append(attributes, semconv.MessagingMessageID(id))
		fields = append(fields, zap.String("job_id", id))
	}
	if n, ok := asynq.GetRetryCount(ctx); ok {
		fields = append(fields, zap.Int("retries", n))
	}
	return attributes, fields
}
