// SPDX-License-Identifier: Apache-2.0

// Package telemetry sets up the telemetry of the process: logs on stderr, and traces,
// logs and metrics to an OTLP endpoint.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.opentelemetry.io/otel"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// Config says which telemetry the process sends, and where.
type Config struct {
	// Services are the services that run in this process. Work that is done for none
	// of them, see [Telemetry.As], belongs to the first one.
	Services []string
	// Endpoint is the OTLP endpoint, in place of the environment's.
	Endpoint string
	// Token is the token that Endpoint requires, "" if none.
	Token string
	// FromEnv is set if the environment has an endpoint. Without FromEnv and Endpoint,
	// nothing is exported.
	FromEnv bool
	// Goroutines makes spans and lines say on which goroutine they began, which is for
	// development.
	Goroutines bool
	Stderr     io.Writer
}

// Telemetry is the process's telemetry. Close it last.
type Telemetry struct {
	Logger *zap.Logger

	services map[string]*service
	first    *service
	stop     func() // the spans of bound work
	measured func(context.Context) error
}

// Start makes the OpenTelemetry providers and the loggers, and the global ones of
// both.
func Start(ctx context.Context, c Config) (t *Telemetry, err error) {
	// The exporters' goroutines and connections belong to no request.
	store.Exit(func() { t, err = start(ctx, c) })
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	return t, nil
}

func start(ctx context.Context, c Config) (*Telemetry, error) {
	exports, err := newExports(ctx, c)
	if err != nil {
		return nil, err
	}
	t := &Telemetry{services: map[string]*service{}}
	out := jsonCore(c.Stderr)
	for _, name := range c.Services {
		s, err := newService(name, out, exports, c.Goroutines)
		if err != nil {
			return nil, err
		}
		t.services[name] = s
		if t.first == nil {
			t.first = s
		}
	}
	if t.measured, err = startMetrics(ctx, c, t.first.name); err != nil {
		return nil, err
	}
	t.Logger = zap.New(newRouter(t.first, t.services))
	zap.ReplaceGlobals(t.Logger)
	opts := []tracing.Option{tracing.WithBill()}
	if c.Goroutines {
		opts = append(opts, tracing.WithGoroutines())
	}
	otel.SetTracerProvider(tracing.Wrap(&provider{first: t.first}, opts...))
	otel.SetTextMapPropagator(tracing.Propagator())
	// Errors of exporting are not exported.
	plain := zap.New(out).With(zap.String("service", t.first.name))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { plain.Warn("telemetry", zap.Error(err)) }))
	t.stop = tracing.TraceTasks()
	return t, nil
}

func jsonCore(w io.Writer) zapcore.Core {
	c := zap.NewProductionEncoderConfig()
	c.TimeKey, c.EncodeTime = "time", zapcore.RFC3339NanoTimeEncoder
	c.EncodeDuration = zapcore.StringDurationEncoder
	return zapcore.NewCore(zapcore.NewJSONEncoder(c), zapcore.Lock(zapcore.AddSync(w)), zap.InfoLevel)
}

// kept is how many debug lines of a request are kept. They are written if it fails or
// is slow.
const (
	kept = 200
	slow = 500 * time.Millisecond
)

func recorder() []logging.Option {
	return []logging.Option{logging.WithFlightRecorder(zap.DebugLevel, kept), logging.WithSlowThreshold(slow)}
}

// Close exports the remaining telemetry.
func (t *Telemetry) Close(ctx context.Context) error {
	t.stop()
	errs := []error{t.measured(ctx)}
	for _, s := range t.services {
		errs = append(errs, s.traces.Shutdown(ctx), s.logs.Shutdown(ctx))
	}
	return errors.Join(errs...)
}
