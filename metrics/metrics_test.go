// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/metrics"
	"github.com/asynclocal/asynclocal/store"
	"github.com/asynclocal/asynclocal/tracing"
)

// kit is the real SDK behind ours.
type kit struct {
	reader *sdkmetric.ManualReader
	meter  metric.Meter
	tracer trace.Tracer
}

func newKit(t testing.TB, opts ...metrics.Option) *kit {
	t.Helper()
	k := &kit{reader: sdkmetric.NewManualReader()}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(k.reader),
		sdkmetric.WithExemplarFilter(exemplar.TraceBasedFilter))
	spans := sdktrace.NewTracerProvider()
	t.Cleanup(func() {
		_ = provider.Shutdown(context.Background())
		_ = spans.Shutdown(context.Background())
	})
	k.meter = metrics.Wrap(provider, opts...).Meter("test")
	k.tracer = tracing.Wrap(spans).Tracer("test")
	return k
}

// in runs f in a request, in a span of it.
func (k *kit) in(id string, f func(ctx context.Context, span trace.SpanContext)) {
	store.NewRequest(id).Run(context.Background(), func(ctx context.Context) {
		ctx, span := k.tracer.Start(ctx, id)
		defer span.End()
		f(ctx, span.SpanContext())
	})
}

func (k *kit) collect(t testing.TB) []metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := k.reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	if len(all.ScopeMetrics) == 0 {
		return nil
	}
	return all.ScopeMetrics[0].Metrics
}

// exemplars are the span ids of all that were recorded.
func (k *kit) exemplars(t testing.TB) (ids []trace.SpanID) {
	t.Helper()
	for _, m := range k.collect(t) {
		ids = append(ids, exemplarsOf(m)...)
	}
	return ids
}

func exemplarsOf(m metricdata.Metrics) []trace.SpanID {
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		return ofPoints(data.DataPoints)
	case metricdata.Sum[float64]:
		return ofPoints(data.DataPoints)
	case metricdata.Gauge[int64]:
		return ofPoints(data.DataPoints)
	case metricdata.Gauge[float64]:
		return ofPoints(data.DataPoints)
	case metricdata.Histogram[int64]:
		return ofBuckets(data.DataPoints)
	case metricdata.Histogram[float64]:
		return ofBuckets(data.DataPoints)
	}
	return nil
}

func ofPoints[N int64 | float64](points []metricdata.DataPoint[N]) (ids []trace.SpanID) {
	for _, p := range points {
		ids = append(ids, ofExemplars(p.Exemplars)...)
	}
	return ids
}

func ofBuckets[N int64 | float64](points []metricdata.HistogramDataPoint[N]) (ids []trace.SpanID) {
	for _, p := range points {
		ids = append(ids, ofExemplars(p.Exemplars)...)
	}
	return ids
}

func ofExemplars[N int64 | float64](exemplars []metricdata.Exemplar[N]) (ids []trace.SpanID) {
	for _, e := range exemplars {
		ids = append(ids, trace.SpanID(e.SpanID))
	}
	return ids
}

// instruments makes one of every synchronous kind, and returns what measures with it.
var instruments = map[string]func(m metric.Meter) (func(context.Context), error){
	"Int64Counter": func(m metric.Meter) (func(context.Context), error) {
		i, err := m.Int64Counter("a")
		return func(ctx context.Context) { i.Add(ctx, 1) }, err
	},
	"Int64UpDownCounter": func(m metric.Meter) (func(context.Context), error) {
		i, err := m.Int64UpDownCounter("a")
		return func(ctx context.Context) { i.Add(ctx, 1) }, err
	},
	"Int64Histogram": func(m metric.Meter) (func(context.Context), error) {
		i, err := m.Int64Histogram("a")
		return func(ctx context.Context) { i.Record(ctx, 1) }, err
	},
	"Int64Gauge": func(m metric.Meter) (func(context.Context), error) {
		i, err := m.Int64Gauge("a")
		return func(ctx context.Context) { i.Record(ctx, 1) }, err
	},
	"Float64Counter": func(m metric.Meter) (func(context.Context), error) {
		i, err := m.Float64Counter("a")
		return func(ctx context.Context) { i.Add(ctx, 1) }, err
	},
	"Float64UpDownCounter": func(m metric.Meter) (func(context.Context), error) {
		i, err := m.Float64UpDownCounter("a")
		return func(ctx context.Context) { i.Add(ctx, 1) }, err
	},
	"Float64Histogram": func(m metric.Meter) (func(context.Context), error) {
		i, err := m.Float64Histogram("a")
		return func(ctx context.Context) { i.Record(ctx, 1) }, err
	},
	"Float64Gauge": func(m metric.Meter) (func(context.Context), error) {
		i, err := m.Float64Gauge("a")
		return func(ctx context.Context) { i.Record(ctx, 1) }, err
	},
}

func TestAMeasurementOfEveryKindHasTheSpanItWasMadeIn(t *testing.T) {
	t.Parallel()
	for kind, instrument := range instruments {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			measure, err := instrument(k.meter)
			if err != nil {
				t.Fatal(err)
			}
			var want trace.SpanContext
			k.in("r", func(ctx context.Context, span trace.SpanContext) {
				want = span
				if !store.Ambient() {
					measure(ctx)
					return
				}
				measure(context.Background())
			})
			if got := k.exemplars(t); len(got) != 1 || got[0] != want.SpanID() {
				t.Errorf("exemplars of %v, want of %v", got, want.SpanID())
			}
		})
	}
}

func TestWhichSpanAMeasurementHas(t *testing.T) {
	t.Parallel()
	if err := store.AmbientError(); err != nil {
		t.Skip(err)
	}
	k := newKit(t)
	var other, outside context.Context
	var ofOther, ofOutside trace.SpanContext
	k.in("other", func(ctx context.Context, span trace.SpanContext) { other, ofOther = ctx, span })
	outside, ofOutside = startedOutside(k)
	noSpan := func(id string) (c context.Context) {
		store.NewRequest(id).Run(context.Background(), func(ctx context.Context) { c = ctx })
		return c
	}
	tests := []struct {
		name string
		ctx  func(context.Context) context.Context
		want func(here trace.SpanContext) trace.SpanContext
	}{
		{"the ambient one where ctx has none", background, itself},
		{"and where ctx is nil", func(context.Context) context.Context { return nil }, itself},
		{"the one of the request's ctx", func(ctx context.Context) context.Context { return ctx }, itself},
		{"another request's, given by ctx", func(context.Context) context.Context { return other },
			func(trace.SpanContext) trace.SpanContext { return ofOther }},
		{"one that was started outside, given by ctx", func(context.Context) context.Context { return outside },
			func(trace.SpanContext) trace.SpanContext { return ofOutside }},
		{"no span where ctx is of another request without one", func(context.Context) context.Context { return noSpan("third") },
			func(trace.SpanContext) trace.SpanContext { return trace.SpanContext{} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			c, err := k.meter.Int64Counter("a")
			if err != nil {
				t.Fatal(err)
			}
			var want trace.SpanID
			k.in("here", func(ctx context.Context, span trace.SpanContext) {
				want = tt.want(span).SpanID()
				c.Add(tt.ctx(ctx), 1)
			})
			got := k.exemplars(t)
			if !want.IsValid() && len(got) == 0 {
				return
			}
			if len(got) != 1 || got[0] != want {
				t.Errorf("exemplars of %v, want of %v", got, want)
			}
		})
	}
}

func startedOutside(k *kit) (context.Context, trace.SpanContext) {
	ctx, span := k.tracer.Start(context.Background(), "outside")
	defer span.End()
	return ctx, span.SpanContext()
}

func background(context.Context) context.Context { return context.Background() }

func itself(here trace.SpanContext) trace.SpanContext { return here }
