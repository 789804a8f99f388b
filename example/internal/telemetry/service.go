// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"

	"go.opentelemetry.io/contrib/bridges/otelzap"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
)

// current is the service that the goroutine works for.
//
// In production each service is a separate process. Here several may run in one
// process, with one global logger and one global TracerProvider. So lines and spans
// must still be told which service they belong to.
var current = store.New[*service]("service", nil)

// As runs f, and everything that it starts, as the service of that name.
func (t *Telemetry) As(name string, f func()) { current.Run(t.services[name], f) }

// With returns a ctx that carries the service of that name, as As sets it.
func (t *Telemetry) With(ctx context.Context, name string) context.Context {
	return current.With(ctx, t.services[name])
}

// service has the providers of one service. Their spans and records have its name.
type service struct {
	name   string
	traces *sdktrace.TracerProvider
	logs   *sdklog.LoggerProvider
	core   zapcore.Core
}

func newService(name string, out zapcore.Core, e exports, goroutines bool) (*service, error) {
	res := resource.NewSchemaless(semconv.ServiceName(name))
	s := &service{name: name, core: logging.NewCore(out, recorder()...).With([]zap.Field{zap.String("service", name)})}
	if e.spans == nil {
		s.traces, s.logs = sdktrace.NewTracerProvider(sdktrace.WithResource(res)), sdklog.NewLoggerProvider()
		return s, nil
	}
	s.traces = sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithSpanProcessor(e.spans))
	s.logs = sdklog.NewLoggerProvider(sdklog.WithResource(res), sdklog.WithProcessor(e.lines))
	records, err := newRecords(s.logs, goroutines)
	if err != nil {
		return nil, err
	}
	s.core = zapcore.NewTee(s.core, records)
	return s, nil
}

// newRecords returns a core that makes OTLP records from lines.
func newRecords(logs *sdklog.LoggerProvider, goroutines bool) (zapcore.Core, error) {
	// The bridge would take debug lines too.
	bridge, err := zapcore.NewIncreaseLevelCore(otelzap.NewCore("shop", otelzap.WithLoggerProvider(logs)), zap.InfoLevel)
	if err != nil {
		return nil, err
	}
	// A record has its own fields for the trace.
	ids := logging.WithScheme(logging.Custom(logging.Keys{RequestID: "request_id"}))
	opts := append(recorder(), logging.WithContext(), ids)
	if goroutines {
		opts = append(opts, logging.WithGoroutines())
	}
	return logging.NewCore(bridge, opts...), nil
}

// provider is the TracerProvider of the service that the goroutine works for.
type provider struct {
	embedded.TracerProvider
	first *service
}

func (p *provider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return &tracer{provider: p, name: name, opts: opts}
}

type tracer struct {
	embedded.Tracer
	provider *provider
	name     string
	opts     []trace.TracerOption
}

func (t *tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	s, _ := current.From(ctx)
	if s == nil {
		s = t.provider.first
	}
	return s.traces.Tracer(t.name, t.opts...).Start(ctx, name, opts...)
}
