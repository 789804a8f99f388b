// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"errors"
	"log/slog"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/metrics"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// Telemetry holds the providers and loggers of a process. Make one with [Start], and end it with
// [Telemetry.Shutdown].
type Telemetry struct {
	tracers    trace.TracerProvider
	meters     metric.MeterProvider
	records    log.LoggerProvider
	propagator propagation.TextMapPropagator
	zap        *zap.Logger
	slog       *slog.Logger
	console    zapcore.WriteSyncer

	stopTasks func()
	parts     []part // what is flushed, in order
	ended     ending
}

// Start sets up what the package documentation lists, and makes it global unless options say
// otherwise. If the environment makes no sense, the error names every variable at fault; then
// nothing is left running and nothing global is changed. An option that makes no sense panics. ctx
// bounds what exporters do to start, and nothing later.
func Start(ctx context.Context, opts ...Option) (t *Telemetry, err error) {
	c := newConfig(opts)
	// The exporters' goroutines and connections belong to no request.
	store.Exit(func() { t, err = start(ctx, c) })
	return t, err
}

func start(ctx context.Context, c *config) (*Telemetry, error) {
	propagator, err := newPropagator()
	if err := errors.Join(checkEnv(), err); err != nil {
		return nil, err
	}
	if c.propagator != nil {
		propagator = c.propagator
	}
	t := &Telemetry{propagator: propagator, console: newConsole(c.out), stopTasks: func() {}}
	if err := t.build(ctx, c); err != nil {
		return nil, errors.Join(err, t.Shutdown(ctx))
	}
	if !c.local {
		t.makeGlobal(c)
	}
	return t, nil
}

// build makes the providers, and the loggers that use them.
func (t *Telemetry) build(ctx context.Context, c *config) (err error) {
	s := &sinks{console: t.console}
	if isDisabled() {
		t.withoutSDK()
	} else if err := t.withSDK(ctx, c, s); err != nil {
		return err
	}
	if t.zap, err = newZap(c, s); err != nil {
		return err
	}
	t.slog = newSlog(c, s)
	return nil
}

// withSDK makes the providers. Each is added to t.parts at once, to be shut down if the next fails.
func (t *Telemetry) withSDK(ctx context.Context, c *config, s *sinks) error {
	res, err := newResource(ctx, c.resource)
	if err != nil {
		return err
	}
	s.res = res
	records, used, err := newRecords(ctx, c, res)
	if err != nil {
		return err
	}
	if t.add("logs", records); used {
		s.records = records
	}
	tracers, err := newTracers(ctx, c, res)
	if err != nil {
		return err
	}
	t.add("traces", tracers)
	meters, err := newMeters(ctx, c, res)
	if err != nil {
		return err
	}
	t.add("metrics", meters)
	if c.inspector != nil {
		c.tracing = append(c.tracing, tracing.WithGoroutines())
	}
	t.records = records
	t.tracers = tracing.Wrap(tracers, c.tracing...)
	t.meters = metrics.Wrap(meters, c.metrics...)
	return nil
}

// TracerProvider returns the provider of spans that know their parent. It is never nil.
func (t *Telemetry) TracerProvider() trace.TracerProvider { return t.tracers }

// MeterProvider returns the provider of measurements that know their request. It is never nil.
func (t *Telemetry) MeterProvider() metric.MeterProvider { return t.meters }

// LoggerProvider returns the SDK's provider of log records, for a bridge from another logger. It is
// never nil.
func (t *Telemetry) LoggerProvider() log.LoggerProvider { return t.records }

// Propagator returns the propagator that was chosen. It is never nil.
func (t *Telemetry) Propagator() propagation.TextMapPropagator { return t.propagator }

// Zap returns the zap logger. It is never nil.
func (t *Telemetry) Zap() *zap.Logger { return t.zap }

// Slog returns the slog logger. It is never nil.
func (t *Telemetry) Slog() *slog.Logger { return t.slog }
