// SPDX-License-Identifier: Apache-2.0

package riverjobs

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/bill"
	"github.com/asynclocal/asynclocal/jobs"
)

// MetadataKey is where the context is in a job's metadata.
const MetadataKey = "asynclocal"

// Middleware carries contexts from where jobs are inserted to where they are
// worked. It is a rivertype.JobInsertMiddleware and a rivertype.WorkerMiddleware.
type Middleware struct {
	river.MiddlewareDefaults

	injector *jobs.Injector
	runner   *jobs.Runner
}

var (
	_ rivertype.JobInsertMiddleware = (*Middleware)(nil)
	_ rivertype.WorkerMiddleware    = (*Middleware)(nil)
)

// Option configures New.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	inject []jobs.InjectOption
	run    []jobs.Option
}

// WithTracerProvider sets where the jobs' spans come from. The default is
// OpenTelemetry's global provider. A nil tp panics.
func WithTracerProvider(tp trace.TracerProvider) Option { return WithRun(jobs.WithTracerProvider(tp)) }

// WithLogger sets who writes a line when a job is over. The default is no line.
// A nil l panics.
func WithLogger(l *zap.Logger) Option { return WithRun(jobs.WithLogger(l)) }

// WithInject sets what of the context travels. The default is everything.
func WithInject(opts ...jobs.InjectOption) Option {
	return option(func(c *config) { c.inject = append(c.inject, opts...) })
}

// WithRun sets how jobs are run, such as jobs.WithLink. The default is that of
// jobs.Run.
func WithRun(opts ...jobs.Option) Option {
	return option(func(c *config) { c.run = append(c.run, opts...) })
}

// New returns a Middleware for river.Config.Middleware.
func New(opts ...Option) *Middleware {
	var c config
	for _, o := range opts {
		if o == nil {
			panic("riverjobs: New with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	return &Middleware{injector: jobs.NewInjector(c.inject...), runner: jobs.NewRunner(c.run...)}
}

// InsertMany writes the context into the metadata of jobs about to be inserted.
func (m *Middleware) InsertMany(ctx context.Context, many []*rivertype.JobInsertParams, insert func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	carrier := jobs.Carrier{}
	m.injector.Inject(ctx, carrier)
	if len(carrier) > 0 {
		for _, p := range many {
			p.Metadata = withCarrier(p.Metadata, carrier)
		}
	}
	inserted, err := insert(ctx)
	if err == nil {
		bill.AddMessages(ctx, len(many)) // those of a fast insert have no results
	}
	return inserted, err
}

// withCarrier adds c to metadata. A job whose metadata is no object goes without:
// its context is worth less than what was put there.
func withCarrier(metadata []byte, c jobs.Carrier) []byte {
	all := map[string]json.RawMessage{}
	if len(metadata) > 0 && json.Unmarshal(metadata, &all) != nil {
		return metadata
	}
	if all == nil {
		all = map[string]json.RawMessage{} // it was null
	}
	var err error
	if all[MetadataKey], err = json.Marshal(c); err != nil {
		return metadata
	}
	b, err := json.Marshal(all)
	if err != nil {
		return metadata
	}
	return b
}

// carrierOf returns the context in metadata, nil if there is none.
func carrierOf(metadata []byte) jobs.Carrier {
	var all map[string]json.RawMessage
	var c jobs.Carrier
	if json.Unmarshal(metadata, &all) != nil || json.Unmarshal(all[MetadataKey], &c) != nil {
		return nil
	}
	return c
}

// Work runs a job in its context.
func (m *Middleware) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	var snooze error
	err := m.runner.Run(ctx, carrierOf(job.Metadata), job.Kind, func(ctx context.Context) error {
		err := work(ctx)
		if snoozes(err) {
			snooze = err
			return nil
		}
		return err
	}, jobs.WithAttributes(
		semconv.MessagingSystemKey.String("river"),
		semconv.MessagingDestinationName(job.Queue),
		semconv.MessagingMessageID(strconv.FormatInt(job.ID, 10)),
		semconv.MessagingMessageBodySize(len(job.EncodedArgs)),
	), jobs.WithFields(zap.Int64("job_id", job.ID), zap.Int("attempt", job.Attempt)))
	if snooze != nil {
		return snooze
	}
	return err // itself: others compare it
}

// snoozes reports whether err asks for the job later. It asks methods of err's, which may
// panic.
func snoozes(err error) (yes bool) {
	defer func() { _ = recover() }()
	var later *rivertype.JobSnoozeError
	return errors.As(err, &later)
}
