// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"io"
	"log/slog"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/asynclocal/asynclocal/inspect"
	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/metrics"
	"github.com/asynclocal/asynclocal/tracing"
)

// Option changes what [Start] sets up. Options are applied in order: of one that is given twice the later wins, and
// those that take lists add up.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	resource   []attribute.KeyValue
	inspector  *inspect.Inspector
	out        io.Writer
	level      slog.Level
	propagator propagation.TextMapPropagator
	local      bool // nothing global is set

	tracing []tracing.Option
	metrics []metrics.Option
	logging []logging.Option

	tracers []sdktrace.TracerProviderOption
	meters  []sdkmetric.Option
	loggers []sdklog.LoggerProviderOption
}

func newConfig(opts []Option) *config {
	c := &config{out: os.Stderr}
	for _, o := range opts {
		if o == nil {
			panic("telemetry: Start with a nil Option; leave it out")
		}
		o.apply(c)
	}
	return c
}

// WithServiceName sets the resource's service.name, over OTEL_SERVICE_NAME. The default is that variable, and without it
// "unknown_service:" and the executable's name, as the specification has it.
func WithServiceName(name string) Option {
	if name == "" {
		panic(`telemetry: WithServiceName(""); leave it out for the one that OTEL_SERVICE_NAME says`)
	}
	return WithResource(semconv.ServiceName(name))
}

// WithResource adds attributes to the resource, over those of the environment and those that are detected: the host,
// the container, the operating system, the process's id and executable, Go's version. The command line is not among them.
func WithResource(attrs ...attribute.KeyValue) Option {
	return optionFunc(func(c *config) { c.resource = append(c.resource, attrs...) })
}

// WithInspector hands spans and lines of this process to an inspector, directly and 200 ms later at most, whatever
// is exported beside. So that goroutines and bound work are told apart there, spans and its lines have
// thread.id then, and bound work has spans (tracing.WithGoroutines, logging.WithGoroutines, tracing.TraceTasks), which costs microseconds: it is
// meant for development. Mount insp yourself, and have your middleware skip its path. By default there is no inspector.
func WithInspector(insp *inspect.Inspector) Option {
	if insp == nil {
		panic("telemetry: WithInspector(nil); leave it out for none")
	}
	return optionFunc(func(c *config) { c.inspector = insp })
}

// WithOutput sets where lines are written. The default is os.Stderr; io.Discard is for a program whose lines are
// only exported. Writes are one at a time, one for each line.
func WithOutput(w io.Writer) Option {
	if w == nil {
		panic("telemetry: WithOutput(nil); give io.Discard for nowhere")
	}
	return optionFunc(func(c *config) { c.out = w })
}

// WithLevel sets from which level on lines are written, exported and shown by both loggers, where their request has
// no level of its own. The default is info.
func WithLevel(l slog.Level) Option { return optionFunc(func(c *config) { c.level = l }) }

// WithPropagator sets the propagator, over OTEL_PROPAGATORS. Middleware, tracing.Transport and jobs then use it alone.
func WithPropagator(p propagation.TextMapPropagator) Option {
	if p == nil {
		panic("telemetry: WithPropagator(nil); leave it out for W3C, or give propagation.NewCompositeTextMapPropagator() for none")
	}
	return optionFunc(func(c *config) { c.propagator = p })
}

// WithLogging adds options of package logging for both loggers: a flight recorder, redaction, a scheme. The scheme is
// that of the lines on the output; exported ones have their span's ids in fields of their own.
func WithLogging(opts ...logging.Option) Option {
	return optionFunc(func(c *config) { c.logging = append(c.logging, opts...) })
}

// WithTracing adds options of tracing.Wrap.
func WithTracing(opts ...tracing.Option) Option {
	return optionFunc(func(c *config) { c.tracing = append(c.tracing, opts...) })
}

// WithMetrics adds options of metrics.Wrap.
func WithMetrics(opts ...metrics.Option) Option {
	return optionFunc(func(c *config) { c.metrics = append(c.metrics, opts...) })
}

// WithTracerProviderOptions adds options of the SDK's TracerProvider, after those from the environment: a sampler
// replaces OTEL_TRACES_SAMPLER, a span processor is one more.
func WithTracerProviderOptions(opts ...sdktrace.TracerProviderOption) Option {
	return optionFunc(func(c *config) { c.tracers = append(c.tracers, opts...) })
}

// WithMeterProviderOptions adds options of the SDK's MeterProvider, after those from the environment: a view, say, or one
// more reader.
func WithMeterProviderOptions(opts ...sdkmetric.Option) Option {
	return optionFunc(func(c *config) { c.meters = append(c.meters, opts...) })
}

// WithLoggerProviderOptions adds options of the SDK's LoggerProvider, after those from the environment, and has lines go
// to it: one more processor, say.
func WithLoggerProviderOptions(opts ...sdklog.LoggerProviderOption) Option {
	return optionFunc(func(c *config) { c.loggers = append(c.loggers, opts...) })
}

// WithoutGlobals has Start set nothing for the process: what it makes is reached by the methods of [Telemetry] alone. By default
// it sets what the package documentation lists.
func WithoutGlobals() Option { return optionFunc(func(c *config) { c.local = true }) }
