// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"context"

	"go.opentelemetry.io/otel/metric"
)

// The synchronous instruments. Each embeds the wrapped one and inherits its other methods.
type (
	int64Counter struct {
		metric.Int64Counter
		enricher *enricher
	}
	int64UpDownCounter struct {
		metric.Int64UpDownCounter
		enricher *enricher
	}
	int64Histogram struct {
		metric.Int64Histogram
		enricher *enricher
	}
	int64Gauge struct {
		metric.Int64Gauge
		enricher *enricher
	}
	float64Counter struct {
		metric.Float64Counter
		enricher *enricher
	}
	float64UpDownCounter struct {
		metric.Float64UpDownCounter
		enricher *enricher
	}
	float64Histogram struct {
		metric.Float64Histogram
		enricher *enricher
	}
	float64Gauge struct {
		metric.Float64Gauge
		enricher *enricher
	}
)

func (i int64Counter) Add(ctx context.Context, incr int64, opts ...metric.AddOption) {
	ctx, opts = i.enricher.add(ctx, opts)
	i.Int64Counter.Add(ctx, incr, opts...)
}

func (i int64UpDownCounter) Add(ctx context.Context, incr int64, opts ...metric.AddOption) {
	ctx, opts = i.enricher.add(ctx, opts)
	i.Int64UpDownCounter.Add(ctx, incr, opts...)
}

func (i int64Histogram) Record(ctx context.Context, value int64, opts ...metric.RecordOption) {
	ctx, opts = i.enricher.record(ctx, opts)
	i.Int64Histogram.Record(ctx, value, opts...)
}

func (i int64Gauge) Record(ctx context.Context, value int64, opts ...metric.RecordOption) {
	ctx, opts = i.enricher.record(ctx, opts)
	i.Int64Gauge.Record(ctx, value, opts...)
}

func (i float64Counter) Add(ctx context.Context, incr float64, opts ...metric.AddOption) {
	ctx, opts = i.enricher.add(ctx, opts)
	i.Float64Counter.Add(ctx, incr, opts...)
}

func (i float64UpDownCounter) Add(ctx context.Context, incr float64, opts ...metric.AddOption) {
	ctx, opts = i.enricher.add(ctx, opts)
	i.Float64UpDownCounter.Add(ctx, incr, opts...)
}

func (i float64Histogram) Record(ctx context.Context, value float64, opts ...metric.RecordOption) {
	ctx, opts = i.enricher.record(ctx, opts)
	i.Float64Histogram.Record(ctx, value, opts...)
}

func (i float64Gauge) Record(ctx context.Context, value float64, opts ...metric.RecordOption) {
	ctx, opts = i.enricher.record(ctx, opts)
	i.Float64Gauge.Record(ctx, value, opts...)
}
