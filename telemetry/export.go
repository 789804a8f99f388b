// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// inspectorDelay bounds how long a span waits until the inspector's page can show it: someone is
// looking at the page.
const inspectorDelay = 200 * time.Millisecond

// newTracers makes the SDK's TracerProvider. Without an exporter its spans go nowhere, but they
// have ids for lines and headers.
func newTracers(ctx context.Context, c *config, res *resource.Resource) (*sdktrace.TracerProvider, error) {
	opts := []sdktrace.TracerProviderOption{sdktrace.WithResource(res)}
	if isExported(signalTraces) {
		e, err := autoexport.NewSpanExporter(ctx)
		if err != nil {
			return nil, exportError(signalTraces, err)
		}
		if !autoexport.IsNoneSpanExporter(e) {
			opts = append(opts, sdktrace.WithBatcher(e))
		}
	}
	if c.inspector != nil {
		opts = append(opts, sdktrace.WithBatcher(c.inspector.SpanExporter(), sdktrace.WithBatchTimeout(inspectorDelay)))
	}
	return sdktrace.NewTracerProvider(append(opts, c.tracers...)...), nil
}

func newMeters(ctx context.Context, c *config, res *resource.Resource) (*sdkmetric.MeterProvider, error) {
	opts := []sdkmetric.Option{sdkmetric.WithResource(res)}
	if isExported(signalMetrics) {
		r, err := autoexport.NewMetricReader(ctx)
		if err != nil {
			return nil, exportError(signalMetrics, err)
		}
		if !autoexport.IsNoneMetricReader(r) {
			opts = append(opts, sdkmetric.WithReader(r))
		}
	}
	return sdkmetric.NewMeterProvider(append(opts, c.meters...)...), nil
}

// newRecords makes the SDK's LoggerProvider, and reports whether its records go anywhere.
func newRecords(ctx context.Context, c *config, res *resource.Resource) (lp *sdklog.LoggerProvider, used bool, err error) {
	opts := []sdklog.LoggerProviderOption{sdklog.WithResource(res)}
	used = len(c.loggers) > 0
	if isExported(signalLogs) {
		e, err := autoexport.NewLogExporter(ctx)
		if err != nil {
			return nil, false, exportError(signalLogs, err)
		}
		if !autoexport.IsNoneLogExporter(e) {
			opts, used = append(opts, sdklog.WithProcessor(sdklog.NewBatchProcessor(e))), true
		}
	}
	return sdklog.NewLoggerProvider(append(opts, c.loggers...)...), used, nil
}

// exportError names the variables by which a signal's exporter was chosen. It does not show
// headers: they hold secrets.
func exportError(signal string, err error) error {
	var chosen []string
	names := of(signal, "PROTOCOL")
	for _, name := range []string{exporterOf(signal), names[0], names[1]} {
		if v := get(name); v != "" {
			chosen = append(chosen, fmt.Sprintf("%s=%q", name, v))
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("telemetry: exporting %s: %w", strings.ToLower(signal), err)
	}
	return fmt.Errorf("telemetry: %s: %w", strings.Join(chosen, ", "), err)
}
