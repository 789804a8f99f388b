// SPDX-License-Identifier: Apache-2.0

// Package telemetry sets up what the process says about itself: logs on stderr,
// and traces and logs to an OTLP endpoint.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelzap"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// Telemetry is the process's telemetry. Close it last.
type Telemetry struct {
	Logger *zap.Logger
	traces *sdktrace.TracerProvider
	logs   *sdklog.LoggerProvider
}

// Start makes the OpenTelemetry providers and the loggers, and the global ones of
// both. endpoint is where OTLP goes: "" is nowhere. Exporting to it from the
// environment's settings is the exporters' own business.
func Start(ctx context.Context, service, endpoint string, fromEnv bool, stderr io.Writer) (t *Telemetry, err error) {
	// The exporters' goroutines and connections are nobody's request.
	store.Exit(func() { t, err = start(ctx, service, endpoint, fromEnv, stderr) })
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	return t, nil
}

func start(ctx context.Context, service, endpoint string, fromEnv bool, stderr io.Writer) (*Telemetry, error) {
	res := resource.NewSchemaless(semconv.ServiceName(service))
	traceOpts := []sdktrace.TracerProviderOption{sdktrace.WithResource(res)}
	logOpts := []sdklog.LoggerProviderOption{sdklog.WithResource(res)}
	if endpoint != "" || fromEnv {
		te, le, err := exporters(ctx, endpoint)
		if err != nil {
			return nil, err
		}
		traceOpts = append(traceOpts, sdktrace.WithBatcher(te, sdktrace.WithBatchTimeout(exportInterval)))
		logOpts = append(logOpts, sdklog.WithProcessor(sdklog.NewBatchProcessor(le, sdklog.WithExportInterval(exportInterval))))
	}
	t := &Telemetry{traces: sdktrace.NewTracerProvider(traceOpts...), logs: sdklog.NewLoggerProvider(logOpts...)}
	out := jsonCore(stderr)
	t.Logger = zap.New(
		zapcore.NewTee(out, otelzap.NewCore("shop", otelzap.WithLoggerProvider(t.logs))),
		logging.Correlate(logging.WithContext()),
	).With(zap.String("service", service))
	zap.ReplaceGlobals(t.Logger)
	otel.SetTracerProvider(tracing.Wrap(t.traces))
	otel.SetTextMapPropagator(tracing.Propagator())
	// What is wrong with exporting is not exported.
	plain := zap.New(out).With(zap.String("service", service))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { plain.Warn("telemetry", zap.Error(err)) }))
	return t, nil
}

// exportInterval is short, so that the inspector's page is live.
const exportInterval = time.Second

func exporters(ctx context.Context, endpoint string) (sdktrace.SpanExporter, sdklog.Exporter, error) {
	var traceOpts []otlptracehttp.Option
	var logOpts []otlploghttp.Option
	if endpoint != "" {
		traceOpts = append(traceOpts, otlptracehttp.WithEndpointURL(endpoint+"/v1/traces"))
		logOpts = append(logOpts, otlploghttp.WithEndpointURL(endpoint+"/v1/logs"))
	}
	te, err := otlptracehttp.New(ctx, traceOpts...)
	if err != nil {
		return nil, nil, err
	}
	le, err := otlploghttp.New(ctx, logOpts...)
	if err != nil {
		return nil, nil, errors.Join(err, te.Shutdown(ctx))
	}
	return te, le, nil
}

func jsonCore(w io.Writer) zapcore.Core {
	c := zap.NewProductionEncoderConfig()
	c.TimeKey, c.EncodeTime = "time", zapcore.RFC3339NanoTimeEncoder
	c.EncodeDuration = zapcore.StringDurationEncoder
	return zapcore.NewCore(zapcore.NewJSONEncoder(c), zapcore.Lock(zapcore.AddSync(w)), zap.InfoLevel)
}

// Close exports what is left.
func (t *Telemetry) Close(ctx context.Context) error {
	return errors.Join(t.traces.Shutdown(ctx), t.logs.Shutdown(ctx))
}
