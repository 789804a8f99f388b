// SPDX-License-Identifier: Apache-2.0

package natsjobs

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/jobs"
)

// Option configures Open.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	stream     string
	prefix     string
	replicas   int
	dedupe     time.Duration
	ackWait    time.Duration
	maxDeliver int
	maxCrashes int
	tuneStream func(*jetstream.StreamConfig)
	tuneWorker func(*jetstream.ConsumerConfig)
	provider   trace.TracerProvider
	inject     []jobs.InjectOption
}

const (
	defaultStream     = "JOBS"
	defaultPrefix     = "jobs"
	defaultDedupe     = 2 * time.Minute
	defaultAckWait    = 30 * time.Second
	defaultMaxDeliver = 30
	defaultMaxCrashes = 5

	minAckWait  = 100 * time.Millisecond
	maxReplicas = 5
)

func newConfig(opts []Option) (config, error) {
	c := config{
		stream: defaultStream, prefix: defaultPrefix, replicas: 1,
		dedupe: defaultDedupe, ackWait: defaultAckWait, maxDeliver: defaultMaxDeliver, maxCrashes: defaultMaxCrashes,
	}
	for _, o := range opts {
		if o == nil {
			panic("natsjobs: Open with a nil Option; leave it out")
		}
		o.apply(&c)
	}
	err := c.validate()
	return c, err
}

var (
	streamName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)
	subject    = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
)

func (c *config) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("natsjobs: "+format, args...))
		}
	}
	check(streamName.MatchString(c.stream), "WithStream(%q): want 1 to 200 characters of [A-Za-z0-9_-]", c.stream)
	check(subject.MatchString(c.prefix), "WithPrefix(%q): want tokens of [A-Za-z0-9_-], joined by dots", c.prefix)
	check(c.replicas >= 1 && c.replicas <= maxReplicas, "WithReplicas(%d): want 1 to %d", c.replicas, maxReplicas)
	check(c.dedupe > 0, "WithDedupeWindow(%v): want more than 0", c.dedupe)
	check(c.ackWait >= minAckWait, "WithAckWait(%v): want at least %v", c.ackWait, minAckWait)
	check(c.maxDeliver >= 1, "WithMaxDeliver(%d): want at least 1", c.maxDeliver)
	check(c.maxCrashes >= 1, "WithMaxCrashes(%d): want at least 1", c.maxCrashes)
	return errors.Join(errs...)
}

// WithStream sets the name of the stream. The stream of the dead letters has the suffix "_DEAD",
// that of the notes on failed tries "_TRIES". The default is JOBS.
func WithStream(name string) Option { return option(func(c *config) { c.stream = name }) }

// WithPrefix sets the prefix of the jobs' subjects: by default, jobs, job send-receipt is published
// on jobs.send-receipt, and buried on dead.jobs.send-receipt.
func WithPrefix(subject string) Option { return option(func(c *config) { c.prefix = subject }) }

// WithReplicas sets on how many servers of a cluster each job is kept. The default is 1; 3 replicas
// survive the loss of one.
func WithReplicas(n int) Option { return option(func(c *config) { c.replicas = n }) }

// WithDedupeWindow sets how long the server remembers the ids of jobs. The
// default is 2 minutes.
func WithDedupeWindow(d time.Duration) Option { return option(func(c *config) { c.dedupe = d }) }

// WithAckWait sets how long a worker may show no sign of life before the server gives its job to
// another worker. A live worker sends one every third of that, however long a job takes. The
// default is 30 seconds, the minimum 100 milliseconds.
func WithAckWait(d time.Duration) Option { return option(func(c *config) { c.ackWait = d }) }

// WithMaxDeliver sets how often a job may fail before it goes to the dead letters. The default is
// 30, which with the default back-off takes at least 80 minutes: longer than most outages of what
// jobs depend on.
//
// A delivery that the job's process did not live to answer is not a failure; see WithMaxCrashes.
func WithMaxDeliver(n int) Option { return option(func(c *config) { c.maxDeliver = n }) }

// WithMaxCrashes sets how often a job may end its process before it goes to the dead letters. The
// default is 5.
//
// Two things count: a panic of its handler, without WithRecover, and the end of a process in which
// it ran alone. Jobs that ran concurrently when their process died are suspects, and none of them
// is charged: each is tried alone in its worker. If one takes longer than 30 seconds, twice that
// the next time and so on, others run beside it again. With a server inside the process that died,
// the suspects are its oldest jobs.
func WithMaxCrashes(n int) Option { return option(func(c *config) { c.maxCrashes = n }) }

// WithStreamConfig changes the configuration of the streams before Open applies it: all of it for
// the stream of the jobs and that of the dead letters, but for the stream of notes on failed tries
// only the storage, the placement and the replicas. The default is a work queue in files.
func WithStreamConfig(tune func(*jetstream.StreamConfig)) Option {
	need("WithStreamConfig", tune != nil)
	return option(func(c *config) { c.tuneStream = tune })
}

// WithConsumerConfig changes the configuration of the consumer that workers share, before Work
// applies it. The default is a durable consumer named "workers".
func WithConsumerConfig(tune func(*jetstream.ConsumerConfig)) Option {
	need("WithConsumerConfig", tune != nil)
	return option(func(c *config) { c.tuneWorker = tune })
}

// WithTracerProvider sets the provider of the spans of Publish and of the jobs. The default is
// OpenTelemetry's global provider, which may be set after Open. A nil tp panics.
func WithTracerProvider(tp trace.TracerProvider) Option {
	need("WithTracerProvider", tp != nil)
	return option(func(c *config) { c.provider = tp })
}

// WithInject sets which parts of the context travel with every job. The default is all of them.
func WithInject(opts ...jobs.InjectOption) Option {
	return option(func(c *config) { c.inject = append(c.inject, opts...) })
}

// run returns the options for running jobs.
func (c *config) run(l *zap.Logger) []jobs.Option {
	if c.provider == nil { // the global one, as it is when a job runs
		return []jobs.Option{jobs.WithLogger(l)}
	}
	return []jobs.Option{jobs.WithLogger(l), jobs.WithTracerProvider(c.provider)}
}

func need(option string, given bool) {
	if !given {
		panic("natsjobs: " + option + "(nil); leave the option out")
	}
}
