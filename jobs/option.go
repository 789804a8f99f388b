// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/internal/propagators"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/tracing"
)

// Option configures Run and NewRunner.
type Option interface{ apply(*config) }

type option func(*config)

func (o option) apply(c *config) { o(c) }

type config struct {
	provider   trace.TracerProvider // nil: the global one
	propagator propagation.TextMapPropagator
	logger     *zap.Logger
	handler    slog.Handler // nil: none to slog
	link       bool
	public     bool
	batch      []Carrier
	attributes []attribute.KeyValue
	fields     []zap.Field
	linger     time.Duration
	lingerSet  bool
}

func newConfig(opts []Option) config {
	c := config{propagator: propagators.Default(tracing.Propagator())}
	for _, o := range opts {
		if o == nil {
			panic("jobs: a nil Option; leave it out")
		}
		o.apply(&c)
	}
	if c.logger == nil {
		c.logger = zap.NewNop()
	}
	c.logger = c.logger.WithOptions(logging.Correlate())
	if c.handler != nil {
		c.handler = logging.NewHandler(c.handler)
	}
	return c
}

// WithTracerProvider sets where the jobs' spans come from. It is wrapped by
// tracing.Wrap, so that what a job starts without a ctx finds its parent. The
// default is OpenTelemetry's global provider, as it is when the job runs. A nil tp panics.
func WithTracerProvider(tp trace.TracerProvider) Option {
	need(tp != nil, "WithTracerProvider", "leave the option out for the global provider, or give noop.NewTracerProvider()")
	return option(func(c *config) { c.provider = tp })
}

// WithLogger sets who writes one line when a job is over: "job completed", "job
// failed" or "job panicked", with the fields job and duration_ms; the ids of the
// request are on it whether or not the logger is correlated already. The default is no
// line. A nil l panics.
func WithLogger(l *zap.Logger) Option {
	need(l != nil, "WithLogger", "leave the option out for no line")
	return option(func(c *config) { c.logger = l })
}

// WithLink makes the job's span the root of a trace of its own, linked to the
// enqueuing span, whatever the enqueuer has asked for: for jobs that run long
// after, or that many requests cause. The default is what the enqueuer has asked
// for, which is a child unless it used AsLink.
func WithLink() Option { return option(func(c *config) { c.link = true }) }

// WithPublicQueue is for queues that strangers write to: of what a message says
// only the request id and the trace count, and the trace is linked, as WithLink
// does. Baggage, log level, log fields and storages are not read. The default is
// to believe them.
func WithPublicQueue() Option { return option(func(c *config) { c.public = true }) }

// WithBatch links the job's span to the enqueuing spans of more messages, for a
// job that works on several at once. Request id and storages are those of the
// carrier that Run is given.
func WithBatch(carriers ...Carrier) Option {
	return option(func(c *config) { c.batch = append(c.batch, carriers...) })
}

// WithAttributes adds attributes to the job's span, from its start: what the
// queue knows about the message, in the terms of the semantic conventions for
// messaging. Repeated, they add up.
func WithAttributes(attrs ...attribute.KeyValue) Option {
	return option(func(c *config) { c.attributes = append(c.attributes, attrs...) })
}

// WithFields adds fields to the completion line. Repeated, they add up.
func WithFields(fields ...zap.Field) Option {
	return option(func(c *config) { c.fields = append(c.fields, fields...) })
}

// WithLinger sets how long goroutines that a job leaves behind keep its context
// after its end: 0 not at all, store.Forever for good. The default is that of
// store.Request, 5 minutes.
func WithLinger(d time.Duration) Option {
	return option(func(c *config) { c.linger, c.lingerSet = d, true })
}

// InjectOption configures NewInjector.
type InjectOption interface{ applyInject(*injectConfig) }

type injectOption func(*injectConfig)

func (o injectOption) applyInject(c *injectConfig) { o(c) }

type injectConfig struct {
	propagator                               propagation.TextMapPropagator
	link                                     bool
	trace, baggage, requestID, log, storages bool
}

func newInjectConfig(opts []InjectOption) injectConfig {
	c := injectConfig{
		propagator: propagators.Default(tracing.Propagator()),
		trace:      true, baggage: true, requestID: true, log: true, storages: true,
	}
	for _, o := range opts {
		if o == nil {
			panic("jobs: a nil InjectOption; leave it out")
		}
		o.applyInject(&c)
	}
	return c
}

// AsLink asks for a job whose span is linked to the enqueuing one, in a trace of
// its own. The default is a child of the enqueuing span.
func AsLink() InjectOption { return injectOption(func(c *injectConfig) { c.link = true }) }

// WithoutTrace keeps the trace context from travelling: the job begins a trace
// that knows nothing of this one.
func WithoutTrace() InjectOption { return injectOption(func(c *injectConfig) { c.trace = false }) }

// WithoutBaggage keeps baggage from travelling, for queues that others read.
func WithoutBaggage() InjectOption { return injectOption(func(c *injectConfig) { c.baggage = false }) }

// WithoutRequestID keeps the request id from travelling: the job gets one of its
// own.
func WithoutRequestID() InjectOption {
	return injectOption(func(c *injectConfig) { c.requestID = false })
}

// WithoutLog keeps the request's log level and the fields of logging.AddToJobs
// from travelling.
func WithoutLog() InjectOption { return injectOption(func(c *injectConfig) { c.log = false }) }

// WithoutStorages keeps the registered storages from travelling, and those that
// would be passed on.
func WithoutStorages() InjectOption {
	return injectOption(func(c *injectConfig) { c.storages = false })
}

// PropagatorOption is an option of both sides.
type PropagatorOption interface {
	Option
	InjectOption
}

type propagatorOption struct{ p propagation.TextMapPropagator }

func (o propagatorOption) apply(c *config)             { c.propagator = o.p }
func (o propagatorOption) applyInject(c *injectConfig) { c.propagator = o.p }

// WithPropagators sets what writes and reads the trace context, which has to be the same on
// both sides. The default is tracing.Propagator, and before it the global propagator where that
// has headers that are not W3C's; one that tracing.OnlyPropagator has made is used alone. A nil p panics.
func WithPropagators(p propagation.TextMapPropagator) PropagatorOption {
	need(p != nil, "WithPropagators", "leave the option out for W3C, or give propagation.NewCompositeTextMapPropagator() for none")
	return propagatorOption{p}
}

// need panics where an option was given nil: on the line that made the option.
func need(given bool, option, cure string) {
	if !given {
		panic("jobs: " + option + "(nil); " + cure)
	}
}
