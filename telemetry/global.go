// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"log/slog"

	"go.opentelemetry.io/otel"
	lognoop "go.opentelemetry.io/otel/log/noop"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/asynclocal/asynclocal/logging"
	"github.com/asynclocal/asynclocal/tracing"
)

// withoutSDK is for OTEL_SDK_DISABLED, which does not disable propagators and loggers.
func (t *Telemetry) withoutSDK() {
	t.tracers = tracenoop.NewTracerProvider()
	t.meters = metricnoop.NewMeterProvider()
	t.records = lognoop.NewLoggerProvider()
}

// makeGlobal sets what the package documentation lists. It sets the loggers first, because the
// others may report errors to them.
func (t *Telemetry) makeGlobal(c *config) {
	zap.ReplaceGlobals(t.zap) //nolint:forbidigo // Start is the asking
	slog.SetDefault(t.slog)   //nolint:forbidigo // as above
	// Errors of exporting are not exported.
	plain := zap.New(logging.NewCore(newConsoleCore(t.console, slog.LevelInfo), c.logging...))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { plain.Warn("telemetry", zap.Error(err)) }))
	otel.SetTextMapPropagator(tracing.OnlyPropagator(t.propagator))
	otel.SetTracerProvider(t.tracers)
	otel.SetMeterProvider(t.meters)
	otel.SetLoggerProvider(t.records)
	if c.inspector != nil && !isDisabled() {
		t.stopTasks = tracing.TraceTasks()
	}
}
