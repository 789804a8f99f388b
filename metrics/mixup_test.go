// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"context"
	"strconv"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/asynclocal/asynclocal/store"
)

// Each request has a time series of its own, so that an exemplar of another's is seen.
func TestSixtyFourRequestsWithSixtyFourGoroutinesNeverMix(t *testing.T) {
	t.Parallel()
	if err := store.AmbientError(); err != nil {
		t.Skip(err)
	}
	const requests, goroutines, rounds = 64, 64, 4
	k := newKit(t)
	counter, err := k.meter.Int64Counter("calls")
	if err != nil {
		t.Fatal(err)
	}
	traces := make([]trace.TraceID, requests)
	var all sync.WaitGroup
	for r := range requests {
		all.Go(func() {
			k.in(strconv.Itoa(r), func(_ context.Context, span trace.SpanContext) {
				traces[r] = span.TraceID()
				var library sync.WaitGroup
				for range goroutines {
					library.Go(func() {
						for range rounds {
							_, s := k.tracer.Start(context.Background(), "call")
							counter.Add(context.Background(), 1, metric.WithAttributes(attribute.Int("request", r)))
							s.End()
						}
					})
				}
				library.Wait()
			})
		})
	}
	all.Wait()
	sum := k.collect(t)[0].Data.(metricdata.Sum[int64])
	if len(sum.DataPoints) != requests {
		t.Fatalf("%d time series, want %d", len(sum.DataPoints), requests)
	}
	for _, p := range sum.DataPoints {
		at, _ := p.Attributes.Value("request")
		if p.Value != goroutines*rounds || len(p.Exemplars) == 0 {
			t.Errorf("request %d has %d calls and %d exemplars", at.AsInt64(), p.Value, len(p.Exemplars))
		}
		for _, e := range p.Exemplars {
			if got := trace.TraceID(e.TraceID); got != traces[at.AsInt64()] {
				t.Errorf("an exemplar of request %d is of trace %v, want %v", at.AsInt64(), got, traces[at.AsInt64()])
			}
		}
	}
}
