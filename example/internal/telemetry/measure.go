// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/asynclocal/asynclocal/metrics"
)

// startMetrics makes the global MeterProvider if the environment has an endpoint: the
// inspector takes no metrics. Metrics are sent every OTEL_METRIC_EXPORT_INTERVAL, which is
// a minute by default. If several services share the process, the first one sends for all.
func startMetrics(ctx context.Context, c Config, service string) (stop func(context.Context) error, err error) {
	if !c.FromEnv {
		return func(context.Context) error { return nil }, nil
	}
	e, err := otlpmetrichttp.New(ctx)
	if err != nil {
		return nil, err
	}
	p := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(e)),
		sdkmetric.WithResource(resource.NewSchemaless(semconv.ServiceName(service))))
	otel.SetMeterProvider(metrics.Wrap(p))
	return p.Shutdown, nil
}
