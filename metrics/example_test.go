// SPDX-License-Identifier: Apache-2.0

//go:build !asynclocal_noambient

package metrics_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/asynclocal/asynclocal/metrics"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// query is in a driver that takes no ctx.
func query(calls metric.Int64Counter) { calls.Add(context.Background(), 1) }

func ExampleWrap() {
	reader := sdkmetric.NewManualReader()
	provider := metrics.Wrap(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
	calls, _ := provider.Meter("driver").Int64Counter("calls")
	tracer := tracing.Wrap(sdktrace.NewTracerProvider()).Tracer("server")

	store.NewRequest("").Run(context.Background(), func(ctx context.Context) {
		ctx, span := tracer.Start(ctx, "GET /orders")
		defer span.End()
		query(calls)

		var found metricdata.ResourceMetrics
		_ = reader.Collect(ctx, &found)
		sum := found.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64])
		id := span.SpanContext().SpanID()
		fmt.Println("the exemplar leads to the span:", [8]byte(sum.DataPoints[0].Exemplars[0].SpanID) == id)
	})
	// Output: the exemplar leads to the span: true
}
