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

// Option changes what [Start] sets up. Options are applied in order. If one is given twice, the
// later wins; options that take lists add up.
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

// WithServiceName sets the resource's service.name, over OTEL_SERVICE_NAME. The default is that
// variable; without it, by the specification, "unknown_service:" and the executable's name. An
// empty name panics.
func WithServiceName(name string) Option {
	if name == "" {
		panic(`telemetry: WithServiceName(""); leave it out for the one that OTEL_SERVICE_NAME says`)
	}
	return WithResource(semconv.ServiceName(name))
}

// WithResource adds attributes to the resource, over those of the environment and those that are
// detected: the host, the container, the operating system, the process's id and executable, Go's
// version. The command line is not detected.
func WithResource(attrs ...attribute.KeyValue) Option {
	return optionFunc(func(c *config) { c.resource = append(c.resource, attrs...) })
}

// WithInspector hands spans and lines of this process directly to an inspector, at most 200 ms
// later, whatever else is exported. To tell goroutines and bound work apart there, spans and the
// inspector's lines then have thread.id, and bound work has spans (tracing.WithGoroutines,
// logging.WithGoroutines, tracing.TraceTasks). This costs microseconds: it is meant for
// development. Mount insp yourself, and have your middleware skip its path. By default there is no
// inspector. A nil insp panics.
func WithInspector(insp *inspect.Inspector) Option {
	if insp == nil {
		panic("telemetry: WithInspector(nil); leave it out for none")
	}
	return optionFunc(func(c *config) { c.inspector = insp })
}

// WithOutput sets where lines are written. The default is os.Stderr; io.Discard is for a program
// whose lines are only exported. Each line is one write, and writes do not overlap. A nil w panics.
func WithOutput(w io.Writer) Option {
	if w == nil {
		panic("telemetry: WithOutput(nil); give io.Discard for nowhere")
	}
	return optionFunc(func(c *config) { c.out = w })
}

// WithLevel sets the lowest level of lines that both loggers write, export and show, unless their
// request has its own level. The default is info.
func WithLevel(l slog.Level) Option { return optionFunc(func(c *config) { c.level = l }) }

// WithPropagator sets the propagator, over OTEL_PROPAGATORS. Middleware, tracing.Transport and jobs
// then use only p. A nil p panics.
func WithPropagator(p propagation.TextMapPropagator) Option {
	if p == nil {
		panic("telemetry: WithPropagator(nil); leave it out for W3C, or give propagation.NewCompositeTextMapPropagator() for none")
	}
	return optionFunc(func(c *config) { c.propagator = p })
}

// WithLogging adds options of package logging to both loggers: a flight recorder, redaction, a
// scheme. The scheme applies to lines on the output; exported records have their own fields for the
// span's ids.
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

// WithTracerProviderOptions adds options of the SDK's TracerProvider, after those from the
// environment: a sampler replaces OTEL_TRACES_SAMPLER, a span processor is added.
func WithTracerProviderOptions(opts ...sdktrace.TracerProviderOption) Option {
	return optionFunc(func(c *config) { c.tracers = append(c.tracers, opts...) })
}

// WithMeterProviderOptions adds options of the SDK's MeterProvider, after those from the
// environment, such as a view or another reader.
func WithMeterProviderOptions(opts ...sdkmetric.Option) Option {
	return optionFunc(func(c *config) { c.meters = append(c.meters, opts...) })
}

// WithLoggerProviderOptions adds options of the SDK's LoggerProvider, after those from the
// environment, such as another processor. Lines are then sent to that provider.
func WithLoggerProviderOptions(opts ...sdklog.LoggerProviderOption) Option {
	return optionFunc(func(c *config) { c.loggers = append(c.loggers, opts...) })
}

// WithoutGlobals makes Start set nothing for the process: only the methods of [Telemetry] return
// what it makes. By default Start sets what the package documentation lists.
func WithoutGlobals() Option { return optionFunc(func(c *config) { c.local = true }) }
